import { describe, expect, test } from 'vitest';
import { sha256 } from './content.ts';
import { makeCorpus } from './corpus.ts';

const corpus = await makeCorpus({ largeLayer: 3 << 20, manyTags: 20 });

describe('the corpus', () => {
  test('is the same every time', async () => {
    const again = await makeCorpus({ largeLayer: 3 << 20, manyTags: 20 });
    const digests = (all: typeof corpus): string[] =>
      all.flatMap(({ manifests }) => manifests.map(({ manifest }) => manifest.descriptor.digest));
    expect(digests(again)).toEqual(digests(corpus));
  });

  test.each(corpus.map((repository) => [repository.name, repository] as const))(
    '%s: every blob is what its digest says',
    (_name, { blobs }) => {
      for (const blob of blobs) {
        const bytes = Buffer.concat([...blob.read()]);
        expect([sha256(bytes), bytes.length]).toEqual([blob.digest, blob.size]);
      }
    },
  );

  test.each(corpus.map((repository) => [repository.name, repository] as const))(
    '%s: what a manifest names comes before it, save a foreign layer',
    (_name, { blobs, manifests }) => {
      const known = new Set(blobs.map((blob) => blob.digest));
      for (const { manifest } of manifests) {
        const named = [...manifest.bytes.toString().matchAll(/\{[^{}]*"digest":\s*"(sha256:[0-9a-f]{64})"[^{}]*\}/g)];
        const absent = named.filter(([whole, digest]) => !known.has(digest ?? '') && !whole.includes('"urls"'));
        expect(absent.map(([, digest]) => digest)).toEqual([]);
        known.add(manifest.descriptor.digest);
      }
    },
  );

  test('the odd manifests do not survive being written again', () => {
    const odd = corpus.find(({ name }) => name === 'corpus/odd-bytes');
    expect(odd?.manifests).toHaveLength(2);
    for (const { manifest } of odd?.manifests ?? []) {
      expect(JSON.stringify(JSON.parse(manifest.bytes.toString()))).not.toBe(manifest.bytes.toString());
    }
  });
});
