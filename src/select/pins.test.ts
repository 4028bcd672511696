import { expect, test } from 'vitest';
import type { TagRules } from '../config/types.ts';
import type { Digest } from '../oci/digest.ts';
import type { TagName } from '../oci/names.ts';
import { pinsOf, withPins } from './pins.ts';
import { exactTags } from './tags.ts';

const digest = `sha256:${'0a'.repeat(32)}` as Digest;
const tag = (name: string) => name as TagName;
const listed = (...names: readonly string[]) => names.map((name) => ({ tag: tag(name), digest }));
const rules: TagRules = {
  include: [{ pattern: { name: 'v1' }, digest }, { pattern: { name: 'v2' } }],
  exclude: [],
  atLeast: 1,
};

test('rules with a digest pin their tag, others do not', () => {
  expect([...pinsOf(rules)]).toEqual([['v1', digest]]);
});

test('a tag with a digest is as exact as one without, so nothing has to be listed', () => {
  expect(exactTags(rules)).toEqual(['v1', 'v2']);
});

test('a listing without pins stays the very same list', () => {
  const listing = listed('v1');
  expect(withPins(listing, new Map())).toBe(listing);
});

test('what a listing says of a pinned tag is forgotten, and one that it does not hold is there', () => {
  const pins = new Map([
    [tag('v1'), digest],
    [tag('gone'), digest],
  ]);
  expect(withPins(listed('v1', 'v2'), pins)).toEqual([{ tag: 'v2', digest }, { tag: 'v1' }, { tag: 'gone' }]);
});
