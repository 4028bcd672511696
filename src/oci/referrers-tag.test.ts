import { describe, expect, it } from 'vitest';
import { parseDigest } from './digest.ts';
import { parseTagName } from './names.ts';
import { cosignTagsOf, fallbackTagOf, readAttachmentTag } from './referrers-tag.ts';

const digest = (text: string) => parseDigest(text) as NonNullable<ReturnType<typeof parseDigest>>;
const tag = (text: string) => parseTagName(text) as NonNullable<ReturnType<typeof parseTagName>>;
const short = digest(`sha256:${'ab'.repeat(32)}`);
const long = digest(`sha512:${'cd'.repeat(64)}`);

describe('tags that belong to another manifest', () => {
  it('follow the tag schema of the specification, cut to 64 digits', () => {
    expect(fallbackTagOf(short)).toBe(`sha256-${'ab'.repeat(32)}`);
    expect(fallbackTagOf(long)).toBe(`sha512-${'cd'.repeat(32)}`);
  });

  it('are three for cosign, and none where they would be too long', () => {
    expect(cosignTagsOf(short)).toEqual(['sig', 'att', 'sbom'].map((kind) => `sha256-${'ab'.repeat(32)}.${kind}`));
    expect(cosignTagsOf(long)).toEqual([]);
  });

  it('tell whose they are', () => {
    for (const name of cosignTagsOf(short)) expect(readAttachmentTag(name)?.subject).toBe(short);
    expect(readAttachmentTag(fallbackTagOf(short))).toEqual({ kind: 'referrers', subject: short });
    expect(readAttachmentTag(fallbackTagOf(long))).toEqual({ kind: 'referrers' });
  });

  it.each([
    'latest',
    'sha256-abc',
    `sha256-${'AB'.repeat(32)}`,
    `sha256-${'ab'.repeat(32)}.exe`,
    `x${'ab'.repeat(32)}`,
  ])('%s is an ordinary tag', (name) => expect(readAttachmentTag(tag(name))).toBeUndefined());
});
