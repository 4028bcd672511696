import { describe, expect, it } from 'vitest';
import { formatPlatform, matchesPlatform, parsePlatform } from './platform.ts';

describe('a platform as people write it', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['Linux/ARM64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/i386', 'linux/386'],
    ['macos/arm64', 'darwin/arm64'],
    ['windows/amd64:10.0.17763', 'windows/amd64:10.0.17763'],
  ])('%s is %s', (text, full) => {
    expect(formatPlatform(parsePlatform(text))).toBe(full);
  });

  it.each(['', 'linux', 'linux/', '/amd64', 'linux/amd64/v1/x', 'linux amd64'])('%j is refused', (text) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'E_PLATFORM', failure: 'usage' }));
  });
});

describe('a wish', () => {
  const offered = (os: string, architecture: string, more = {}) => ({ os, architecture, ...more });
  it.each([
    ['linux/arm64', offered('linux', 'arm64', { variant: 'v8' }), true],
    ['linux/arm64/v8', offered('linux', 'arm64'), true],
    ['linux/arm64/v9', offered('linux', 'arm64'), false],
    ['linux/arm', offered('linux', 'arm', { variant: 'v6' }), true],
    ['linux/arm/v7', offered('linux', 'arm', { variant: 'v6' }), false],
    ['linux/amd64', offered('linux', 'amd64', { variant: 'v3' }), true],
    ['linux/amd64', offered('windows', 'amd64'), false],
    ['linux/amd64', offered('unknown', 'unknown'), false],
    ['windows/amd64', offered('windows', 'amd64', { 'os.version': '10.0.17763.1' }), true],
    ['windows/amd64:10.0.17763', offered('windows', 'amd64', { 'os.version': '10.0.17763.1' }), true],
    ['windows/amd64:10.0.2', offered('windows', 'amd64', { 'os.version': '10.0.17763.1' }), false],
    ['windows/amd64:10.0.2', offered('windows', 'amd64'), false],
  ])('for %s and the offer %o: %s', (wish, offer, taken) => {
    expect(matchesPlatform(parsePlatform(wish), offer)).toBe(taken);
  });
});
