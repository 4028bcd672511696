import { describe, expect, test } from 'vitest';
import type { Tag } from '../replies.ts';
import { compareMarks, markedByPush } from './marks.ts';

const now = 1_000_000;
const day = 86_400;
const tags = (...entries: readonly (Partial<Tag> & { readonly name: string })[]) =>
  new Map(entries.map((entry) => [entry.name, { manifest_digest: 'sha256:a', ...entry } as Tag]));
const compare = (from: ReturnType<typeof tags>, to: ReturnType<typeof tags>, immutability = true) =>
  compareMarks('o/r', from, to, { now, immutability });

describe('what has to change beside the image', () => {
  test('nothing where both live for ever, or end within a minute of each other', () => {
    expect(compare(tags({ name: 'v' }), tags({ name: 'v' }))).toEqual([]);
    expect(compare(tags({ name: 'v', end_ts: now + day }), tags({ name: 'v', end_ts: now + day + 30 }))).toEqual([]);
  });

  test('the source’s expiry is set, and taken away', () => {
    const change = { repository: 'o/r', tag: 'v' };
    expect(compare(tags({ name: 'v', end_ts: now + day }), tags({ name: 'v' }))).toEqual([
      { ...change, expiration: now + day },
    ]);
    expect(compare(tags({ name: 'v' }), tags({ name: 'v', end_ts: now + day }))).toEqual([
      { ...change, expiration: null },
    ]);
  });

  test('nothing is asked for what Quay would refuse as past', () => {
    expect(compare(tags({ name: 'v', end_ts: now + 10 }), tags({ name: 'v' }))).toEqual([]);
  });

  test('an end within the next hour is asked for once, for Quay makes an hour of it', () => {
    const from = tags({ name: 'v', end_ts: now + 600 });
    expect(compare(from, tags({ name: 'v' }))).toHaveLength(1);
    expect(compare(from, tags({ name: 'v', end_ts: now + 3600 }))).toEqual([]);
    expect(compare(from, tags({ name: 'v', end_ts: now + 3100 }))).toEqual([]);
  });

  test('a tag that names another image is left alone', () => {
    expect(compare(tags({ name: 'v', end_ts: now + day }), tags({ name: 'v', manifest_digest: 'sha256:b' }))).toEqual(
      [],
    );
  });

  test('a lock is set where the destination knows locks', () => {
    const from = tags({ name: 'v', immutable: true });
    expect(compare(from, tags({ name: 'v' }))).toEqual([{ repository: 'o/r', tag: 'v', immutable: true }]);
    expect(compare(from, tags({ name: 'v' }), false)).toEqual([]);
    expect(compare(from, tags({ name: 'v', immutable: true }))).toEqual([]);
  });

  test('a locked tag takes no expiry any more', () => {
    expect(compare(tags({ name: 'v', end_ts: now + day }), tags({ name: 'v', immutable: true }))).toEqual([]);
  });
});

test('only what was just pushed is blamed on labels', () => {
  const there = tags({ name: 'a', end_ts: 1 }, { name: 'b', end_ts: 1 }, { name: 'c', immutable: true });
  expect(markedByPush(new Set(['a', 'c']), there)).toEqual({ expiring: ['a'], locked: ['c'] });
});
