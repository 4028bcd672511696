import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

/** As plain data, so that a table can say what is meant. */
function read(...headers: string[]) {
  return parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

describe('challenges as servers write them', () => {
  it.each([
    [
      'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull,push"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.example.com/token',
            service: 'registry.example.com',
            scope: 'repository:a/b:pull,push',
          },
        ],
      ],
    ],
    [
      'Basic realm=openshift,error="unauthorized: no token"',
      [['basic', { realm: 'openshift', error: 'unauthorized: no token' }]],
    ],
    [
      'Bearer realm="https://a.example.com/t",service="x",Basic realm="both"',
      [
        ['bearer', { realm: 'https://a.example.com/t', service: 'x' }],
        ['basic', { realm: 'both' }],
      ],
    ],
    ['BEARER Realm="/v2/token" , SERVICE = x', [['bearer', { realm: '/v2/token', service: 'x' }]]],
    ['Basic', [['basic', {}]]],
    ['Basic realm=""', [['basic', { realm: '' }]]],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate YII+abc/==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['Bearer realm="a \\"quoted\\" \\\\ name"', [['bearer', { realm: 'a "quoted" \\ name' }]]],
    ['Bearer realm="x", realm="y"', [['bearer', { realm: 'x' }]]],
    [
      'Bearer realm=https://a.example.com/token?x=1,service=y',
      [['bearer', { realm: 'https://a.example.com/token?x=1', service: 'y' }]],
    ],
    ['Bearer realm="never closed', [['bearer', { realm: 'never closed' }]]],
    [', , Basic realm="x",, ', [['basic', { realm: 'x' }]]],
    ['@@@, Basic realm="x"', [['basic', { realm: 'x' }]]],
    ['', []],
    ['"', []],
  ])('%s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('reads several headers in order', () => {
    expect(read('Bearer realm="x"', 'Basic realm="y"').map(([scheme]) => scheme)).toEqual(['bearer', 'basic']);
  });

  it('stops at a bound', () => {
    expect(read(...Array.from({ length: 500 }, () => 'Basic realm="x"')).length).toBeLessThanOrEqual(32);
  });
});

describe('laws', () => {
  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,8}$/);
  const parameters = fc.uniqueArray(fc.tuple(token, fc.string({ unit: 'grapheme-ascii', maxLength: 20 })), {
    minLength: 1,
    maxLength: 5,
    selector: ([name]) => name.toLowerCase(),
  });
  const quoted = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
  const gap = fc.constantFrom(',', ', ', ' , ', ',  ');

  it('gives back what was written, however it was spaced and whatever the values hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(token, parameters), { maxLength: 4 }), gap, (challenges, comma) => {
        const header = challenges
          .map(([scheme, pairs]) => `${scheme} ${pairs.map(([name, value]) => `${name}=${quoted(value)}`).join(comma)}`)
          .join(comma);
        const expected = challenges.map(([scheme, pairs]) => [
          scheme.toLowerCase(),
          Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
        ]);
        expect(read(header)).toEqual(expected);
      }),
    );
  });

  it('reads anything without failing or running away', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 5 }), (headers) => {
        for (const { scheme } of parseChallenges(headers)) expect(scheme).toBe(scheme.toLowerCase());
      }),
    );
  });

  it('stays quick on a long header made to be slow', () => {
    const started = performance.now();
    parseChallenges([`Bearer ${'a="'.repeat(20_000)}`, `Bearer ${'\\"'.repeat(20_000)}`, ' ,'.repeat(20_000)]);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
