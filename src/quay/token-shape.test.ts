import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../kit/secret.ts';
import { usableToken } from './token-shape.ts';

describe('the text of a token', () => {
  it.each(['abc', 'abc\n', ' abc \r\n', '\tabc'])('%j is taken without what stands around it', (text) => {
    expect(usableToken(new Secret(text), 'quay.example.com').reveal()).toBe('abc');
  });

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['Bearer abc', 'begins with "Bearer"'],
    ['basic dXNlcjpw', 'begins with "basic"'],
    ['abc\ndef', 'line break in its middle'],
    ['schlüssel', 'characters that no token has'],
    ['abc\u0000', 'characters that no token has'],
  ])('%j is none', (text, why) => {
    expect(() => usableToken(new Secret(text), 'quay.example.com')).toThrow(
      expect.objectContaining({ code: 'E_QUAY_TOKEN', failure: 'auth', message: expect.stringContaining(why) }),
    );
  });

  it('law: what is taken can stand in a header, and no refusal repeats what was given', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, unit: 'grapheme' }), (text) => {
        try {
          expect(usableToken(new Secret(text), 'q.example.com').reveal()).toMatch(/^[!-~]+$/);
        } catch (error) {
          if (!(error instanceof Error) || !('hint' in error)) throw error;
          expect(`${error.message} ${String(error.hint)}`).not.toContain(text);
        }
      }),
    );
  });
});
