import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readManagementConfig, requiredKeys, sideOf, withKey } from './quay-management.ts';

describe('one key written into a file', () => {
  it.each([
    ['a: 1 # one\nprimary_token: old # keep\nb: 2\n', 'a: 1 # one\nprimary_token: NEW # keep\nb: 2\n'],
    ['primary_token:\nb: 2\n', 'primary_token: NEW\nb: 2\n'],
    ["primary_token: 'old'\n", 'primary_token: NEW\n'],
    ['primary_token: "old" # c\n', 'primary_token: NEW # c\n'],
    ['a: 1', 'a: 1\nprimary_token: NEW\n'],
    ['a: 1\r\n', 'a: 1\r\nprimary_token: NEW\r\n'],
    ['', 'primary_token: NEW\n'],
    ['nested:\n  primary_token: other\n', 'nested:\n  primary_token: other\nprimary_token: NEW\n'],
  ])('%j', (text, expected) => {
    expect(withKey(text, 'primary_token', 'NEW')).toBe(expected);
  });

  it('law: it is read back as it was written, and every other value as before', () => {
    const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
    const token = fc.stringMatching(/^[A-Za-z0-9]{1,40}$/);
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.oneof(token, fc.integer(), fc.boolean(), fc.constant(null))),
        name,
        token,
        (values, key, value) => {
          const text = Object.entries(values)
            .map(([each, it]) => `${each}: ${JSON.stringify(it)}\n`)
            .join('');
          expect(parse(withKey(text, key, value))).toEqual({ ...values, [key]: value });
        },
      ),
    );
  });
});

describe('the two forms', () => {
  it('are told by their keys; the newer wins', () => {
    expect(readManagementConfig('source_server: a').form).toBe('older');
    expect(readManagementConfig('primary_server: a').form).toBe('newer');
    expect(readManagementConfig('primary_server: a\nsource_server: b').form).toBe('newer');
    expect(() => readManagementConfig('- a')).toThrow('the file is no map');
  });

  it('older: caches and robots go to the source, to the destination after a failover; the first user to the destination', () => {
    const older = readManagementConfig('source_server: a\nfailover: false');
    const failed = readManagementConfig('source_server: a\nfailover: true');
    expect(sideOf('add-proxycache', older, false)).toBe('source');
    expect(sideOf('add-proxycache', failed, false)).toBe('destination');
    expect(sideOf('initialize-user', older, false)).toBe('destination');
    expect(requiredKeys('initialize-user', 'destination')).toContain('destination_quay_password');
  });
});
