import { describe, expect, test } from 'vitest';
import { parseBandwidth, parseDuration, parsePercent, parseRate, parseSize } from './quantity.ts';

describe('quantities', () => {
  test.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['500ms', 500],
    ['0s', 0],
    ['1.5h', 5_400_000],
    ['7', undefined],
    ['7 d', undefined],
    ['d', undefined],
    ['-7d', undefined],
    ['7days', undefined],
    ['99999999999999999w', undefined],
  ])('duration %s', (text, expected) => expect(parseDuration(text)).toBe(expected));

  test.each([
    ['50MB', 50_000_000],
    ['8MiB', 8_388_608],
    ['1 GiB', 1_073_741_824],
    ['1.5kB', 1500],
    ['1024', 1024],
    ['12B', 12],
    ['12iB', undefined],
    ['MB', undefined],
    ['12mb', undefined],
    ['-1MB', undefined],
  ])('size %s', (text, expected) => expect(parseSize(text)).toBe(expected));

  test.each([
    ['50MB/s', 50_000_000],
    ['50MB', undefined],
    ['50MB/m', undefined],
  ])('bandwidth %s', (text, expected) => expect(parseBandwidth(text)).toBe(expected));

  test.each([
    ['20/s', 20],
    ['120/m', 2],
    ['3600/h', 1],
    ['20', undefined],
    ['20/d', undefined],
  ])('rate %s', (text, expected) => expect(parseRate(text)).toBe(expected));

  test.each([
    ['10%', 10],
    ['0.5%', 0.5],
    ['100%', 100],
    ['101%', undefined],
    ['10', undefined],
  ])('share %s', (text, expected) => expect(parsePercent(text)).toBe(expected));
});
