import { expect, test } from 'vitest';
import { TargetClaims } from './claims.ts';

test('two sources that end at one target are an error that names all three', () => {
  const claims = new TargetClaims();
  expect(claims.claim('b.example.com/x:1', 'a.example.com/x:1')).toBe(true);
  expect(() => claims.claim('b.example.com/x:1', 'a.example.com/y:1')).toThrow(
    expect.objectContaining({
      code: 'E_COLLISION',
      subject: 'b.example.com/x:1',
      message: expect.stringContaining('a.example.com/y:1'),
    }),
  );
});

test('the same copy asked for twice is one copy', () => {
  const claims = new TargetClaims();
  expect(claims.claim('b.example.com/x:1', 'a.example.com/x:1')).toBe(true);
  expect(claims.claim('b.example.com/x:1', 'a.example.com/x:1')).toBe(false);
});

test('one source may end at two targets', () => {
  const claims = new TargetClaims();
  expect(claims.claim('b.example.com/x:1', 'a.example.com/x:1')).toBe(true);
  expect(claims.claim('c.example.com/x:1', 'a.example.com/x:1')).toBe(true);
});
