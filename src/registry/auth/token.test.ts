import { describe, expect, it } from 'vitest';
import { formatScope } from './scope.ts';
import { readToken, remainingMs, renewalDue } from './token.ts';

const second = 1000;

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.c2ln`;
}

function read(answer: object, receivedAt = 0) {
  const token = readToken(Buffer.from(JSON.stringify(answer)), receivedAt);
  if (token === undefined) throw new Error('no token');
  return token;
}

describe('how long a token lives', () => {
  it.each([
    ['as the answer says', { token: 'abc', expires_in: 300 }, 300],
    ['a minute where nothing says', { token: 'abc' }, 60],
    ['as a JWT says, where the answer is silent, as Quay’s', { token: jwt({ iat: 1000, exp: 4600 }) }, 3600],
    ['as the answer says, although the JWT says otherwise', { token: jwt({ iat: 0, exp: 9000 }), expires_in: 90 }, 90],
    ['a minute where the numbers make no sense', { token: jwt({ iat: 10, exp: 5 }) }, 60],
    ['a minute for a negative lifetime', { token: 'abc', expires_in: -5 }, 60],
    ['bounded', { token: 'abc', expires_in: 1e12 }, 30 * 24 * 3600],
  ])('%s', (_what, answer, seconds) => {
    expect(read(answer).lifetimeMs).toBe(seconds * second);
  });

  it('counts from our clock at receipt, whatever the server’s shows', () => {
    const token = read({ token: 'abc', expires_in: 100, issued_at: '1999-01-01T00:00:00Z' }, 5000);
    expect(remainingMs(token, 5000)).toBe(100 * second);
  });

  it.each([
    [3600, 3600 - 31, false],
    [3600, 3600 - 30, true],
    [300, 269, false],
    [300, 271, true],
    [60, 47, false],
    [60, 48, true],
    [2, 1, false],
    [2, 1.7, true],
  ])('a token of %d s at %d s is to be renewed: %s', (lifetime, age, due) => {
    expect(renewalDue(read({ token: 'abc', expires_in: lifetime }), age * second)).toBe(due);
  });
});

describe('what a token is', () => {
  it('takes either name', () => {
    expect(read({ access_token: 'abc' }).value.reveal()).toBe('abc');
    expect(read({ token: '', access_token: 'abc' }).value.reveal()).toBe('abc');
  });

  it.each([
    ['none', {}],
    ['an empty one', { token: '' }],
    ['one that would break a header', { token: 'a\r\nX-Evil: 1' }],
    ['one with a space', { token: 'a b' }],
    ['one beyond ASCII', { token: 'tökén' }],
    ['a number', { token: 5 }],
    ['a list', []],
  ])('refuses %s', (_what, answer) => {
    expect(readToken(Buffer.from(JSON.stringify(answer)), 0)).toBeUndefined();
  });

  it.each(['', '<html>', '{"token":', '\ufeff', 'null'])('refuses what is no JSON object: %j', (body) => {
    expect(readToken(Buffer.from(body), 0)).toBeUndefined();
  });

  it('shows its value nowhere', () => {
    expect(JSON.stringify(read({ token: 'very-secret' }))).not.toContain('very-secret');
  });
});

describe('what a token allows', () => {
  it('reads it from the claims', () => {
    const token = jwt({ access: [{ type: 'repository', name: 'apps/api', actions: ['pull'] }] });
    expect(read({ token }).granted?.map(formatScope)).toEqual(['repository:apps/api:pull']);
  });

  it('tells "nothing" and "unknown" apart', () => {
    expect(read({ token: jwt({ access: [] }) }).granted).toEqual([]);
    expect(
      read({ token: jwt({ access: [{ type: 'repository', name: 'x', actions: null }] }) }).granted?.[0]?.actions,
    ).toEqual([]);
    expect(read({ token: 'opaque' }).granted).toBeUndefined();
    expect(read({ token: 'a.!!!.c' }).granted).toBeUndefined();
  });

  it('reads the one text that others use', () => {
    expect(
      read({ token: jwt({ scope: 'repository:x:pull repository:y:pull,push' }) }).granted?.map(formatScope),
    ).toEqual(['repository:x:pull', 'repository:y:pull,push']);
  });
});
