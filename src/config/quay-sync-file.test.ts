import { describe, expect, test } from 'vitest';
import { ConfigError } from './mistake.ts';
import { listOf, loadQuaySyncFile, readEntry } from './quay-sync-file.ts';

const load = (text: string) =>
  loadQuaySyncFile('quay-sync.yaml', { readFile: () => Promise.resolve(Buffer.from(text)) });
const sides = 'version: 1\nsource: {server: a.example.com}\ndestination: {server: b.example.com}\n';

async function mistakes(text: string): Promise<readonly string[]> {
  try {
    await load(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(({ message }) => message);
    throw error;
  }
  return [];
}

describe('quay-sync.yaml', () => {
  test('needs no more than its two servers', async () => {
    expect(await load(sides)).toMatchObject({
      destinations: [{ server: 'b.example.com' }],
      include: [],
      companions: [],
    });
  });

  test('tells a key that it does not know, and what was probably meant', async () => {
    expect(await mistakes(`${sides}divergance: refuse\n`)).toHaveLength(1);
  });

  test('takes one destination or several, not both and not none', async () => {
    expect(await mistakes('version: 1\nsource: {server: a.example.com}\n')).toHaveLength(1);
    expect(await mistakes(`${sides}destinations: [{server: c.example.com}]\n`)).toHaveLength(1);
  });

  test('takes a list or patterns, not both', async () => {
    expect(await mistakes(`${sides}repositories: [a/b]\ninclude: ["a/*"]\n`)).toHaveLength(1);
  });

  test('tells an entry that names no repository', async () => {
    expect(await mistakes(`${sides}repositories: [alone]\n`)).toHaveLength(1);
  });
});

test.each([
  ['a/b', { repository: 'a/b', tag: undefined }],
  ['a/b/c:v1', { repository: 'a/b/c', tag: 'v1' }],
  ['b:v1', undefined],
  ['a/b:-bad', undefined],
  ['a/b@sha256:00', undefined],
  ['A/b', undefined],
])('the entry %s', (text, expected) => {
  expect(readEntry(text)).toEqual(expected);
});

test('an entry without a tag means all of them, whatever else is listed', () => {
  const entries = ['a/b:v1', 'a/b:v2', 'c/d:v1', 'c/d', 'c/d:v3'].flatMap((text) => readEntry(text) ?? []);
  expect([...listOf(entries)]).toEqual([
    ['a/b', new Set(['v1', 'v2'])],
    ['c/d', undefined],
  ]);
});
