import { describe, expect, test } from 'vitest';
import { isBcrypt, matchesBcrypt } from './bcrypt.ts';
import { parseHtpasswd } from './htpasswd.ts';
import { fractionOfPi } from './pi.ts';

test('the digits of π begin as everybody knows them', () => {
  expect(fractionOfPi(64).toString(16)).toBe('243f6a8885a308d3');
  expect(fractionOfPi(128).toString(16)).toBe('243f6a8885a308d313198a2e03707344');
});

describe('bcrypt', () => {
  // Made by crypt(3) of the operating system.
  test.each([
    ['sesame, open!', '$2y$05$abcdefghijklmnopqrstuu8Fw3Ht8b6ESE.LI7ZEKD80.tMR2zJ1K'],
    ['pä', '$2b$10$N9qo8uLOickgx2ZMRZoMyeHi.t2s.a5bTB3yE1A5AAxTr9gfFkhge'],
  ])('%s', (password, hash) => {
    expect(matchesBcrypt(password, hash)).toBe(true);
    expect(matchesBcrypt(`${password} `, hash)).toBe(false);
    expect(matchesBcrypt('', hash)).toBe(false);
  });

  test.each([
    '$2y$31$abcdefghijklmnopqrstuu8Fw3Ht8b6ESE.LI7ZEKD80.tMR2zJ1K',
    '$2y$03$abcdefghijklmnopqrstuu8Fw3Ht8b6ESE.LI7ZEKD80.tMR2zJ1K',
    '$2y$05$tooshort',
    '$apr1$x$y',
    '{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=',
    'plain',
    '',
  ])('%s is not taken: too dear, too cheap, or another kind', (hash) => {
    expect(isBcrypt(hash)).toBe(false);
    expect(matchesBcrypt('x', hash)).toBe(false);
  });
});

describe('an htpasswd file', () => {
  const line = 'ana:$2y$05$abcdefghijklmnopqrstuu8Fw3Ht8b6ESE.LI7ZEKD80.tMR2zJ1K';

  test('knows its users and their passwords', () => {
    const file = parseHtpasswd(`# people\r\n\r\n${line}\r\n`, 'users');
    expect(file.names).toEqual(['ana']);
    expect(file.matches('ana', 'sesame, open!')).toBe(true);
    expect(file.matches('ana', 'other')).toBe(false);
    expect(file.matches('ben', 'sesame, open!')).toBe(false);
  });

  test('checks a password once, and answers the same again at once', () => {
    const file = parseHtpasswd(line, 'users');
    file.matches('ana', 'sesame, open!');
    const began = performance.now();
    for (let i = 0; i < 1000; i += 1) expect(file.matches('ana', 'sesame, open!')).toBe(true);
    expect(performance.now() - began).toBeLessThan(500);
  });

  test.each(['ana', 'ana:', ':x', 'ana:plain', 'ana:$apr1$abc$def'])('%j is refused with the file’s name', (text) => {
    expect(() => parseHtpasswd(text, 'users')).toThrow(expect.objectContaining({ code: 'E_SERVE', subject: 'users' }));
  });
});
