import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present, sampleImage } from '../../test/kit/embedded-samples.ts';
import type { Digest } from '../oci/digest.ts';
import { type IndexChange, LayoutIndex, refName } from './layout-index.ts';

const images = ['a', 'b', 'c', 'd'].map((name) => sampleImage(name).descriptor);

function named(at: number, name?: string): Record<string, unknown> {
  return { ...images[at], ...(name !== undefined && { annotations: { [refName]: name } }) };
}

function indexOf(...manifests: Record<string, unknown>[]): LayoutIndex {
  return new LayoutIndex({ schemaVersion: 2, manifests });
}

function digestOf(found: ReturnType<LayoutIndex['find']>): Digest | string | undefined {
  return typeof found === 'object' ? found.descriptor.digest : found;
}

describe('names in an index', () => {
  test('podman writes images in full, and their tags find them', () => {
    const index = indexOf(named(0, 'docker.io/library/alpine:3.20'), named(1, 'edge'));
    expect(digestOf(index.find('3.20'))).toBe(images[0]?.digest);
    expect(index.tags()).toEqual(['3.20', 'edge']);
  });

  test('a tag of its own wins over the end of a full name', () => {
    const index = indexOf(named(0, 'example.com/app:1'), named(1, '1'));
    expect(digestOf(index.find('1'))).toBe(images[1]?.digest);
    expect(index.tags()).toEqual(['1']);
  });

  test('two full names that end alike are told apart by nobody', () => {
    const index = indexOf(named(0, 'example.com/a:1'), named(1, 'example.com/b:1'));
    expect(index.find('1')).toBe('ambiguous');
  });

  test('two full names of one image that end alike find it', () => {
    const index = indexOf(named(0, 'example.com/a:1'), named(0, 'example.com/b:1'));
    expect(digestOf(index.find('1'))).toBe(images[0]?.digest);
  });

  test('two entries of one name are ambiguous, and both are kept', () => {
    const index = indexOf(named(0, 'latest'), named(1, 'latest'));
    expect(index.find('latest')).toBe('ambiguous');
    expect(JSON.parse(JSON.stringify(index)).manifests).toHaveLength(2);
  });

  test('a push settles an ambiguous name', () => {
    const index = indexOf(named(0, 'latest'), named(1, 'latest'));
    index.apply({ do: 'put', entry: named(2), names: ['latest'] });
    expect(digestOf(index.find('latest'))).toBe(images[2]?.digest);
  });

  test('deleting the tag of a full name removes that name', () => {
    const index = indexOf(named(0, 'example.com/app:1'));
    index.apply({ do: 'untag', name: '1' });
    expect(index.tags()).toEqual([]);
    expect(index.manifest(present(images[0]).digest)).toBeDefined();
  });

  test('a name that is neither tag nor full name is kept and not listed', () => {
    const index = indexOf(named(0, 'not a tag!'));
    expect(index.tags()).toEqual([]);
    expect([...index.names()]).toEqual(['not a tag!']);
  });
});

describe('what other programs wrote', () => {
  test('is kept: fields of the document and of entries, entries without a name, annotations beside the name', () => {
    const document = {
      schemaVersion: 2,
      'com.example.extra': [1],
      manifests: [
        { ...images[0], platform: { os: 'linux', architecture: 'arm64' }, 'x-more': true },
        { ...images[1], annotations: { [refName]: 'v1', other: 'kept' } },
      ],
    };
    const index = new LayoutIndex(document);
    index.apply({ do: 'put', entry: named(2), names: ['v2'] });
    const written = JSON.parse(JSON.stringify(index));
    expect(written['com.example.extra']).toEqual([1]);
    expect(written.manifests).toContainEqual(document.manifests[0]);
    expect(written.manifests).toContainEqual(document.manifests[1]);
  });

  test('an index without entries, or with null, is empty', () => {
    expect(new LayoutIndex({ schemaVersion: 2 }).size).toBe(0);
    expect(new LayoutIndex({ schemaVersion: 2, manifests: null }).size).toBe(0);
  });
});

const name = fc.constantFrom('v1', 'v2', 'latest');
const which = fc.integer({ min: 0, max: images.length - 1 });
const change: fc.Arbitrary<IndexChange> = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    entry: which.map((at) => named(at)),
    names: fc.uniqueArray(name),
    covers: fc.uniqueArray(which.map((at) => present(images[at]).digest)),
  }),
  fc.record({ do: fc.constant('untag' as const), name }),
  fc.record({ do: fc.constant('drop' as const), digest: which.map((at) => present(images[at]).digest) }),
);

function state(index: LayoutIndex): unknown {
  const tags = index.tags().map((tag) => [tag, digestOf(index.find(tag))]);
  return { tags, manifests: [...index.manifests()].map(({ descriptor }) => descriptor.digest).sort() };
}

function played(...rounds: readonly (readonly IndexChange[])[]): LayoutIndex {
  const index = new LayoutIndex();
  for (const changes of rounds) for (const one of changes) index.apply(one);
  return index;
}

describe('laws of an index', () => {
  test('a journal that is played again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        expect(state(played(changes, changes))).toEqual(state(played(changes)));
      }),
    );
  });

  test('written and read, it is the same', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const index = played(changes);
        expect(state(new LayoutIndex(JSON.parse(JSON.stringify(index))))).toEqual(state(index));
      }),
    );
  });

  test('every tag names a manifest that is listed', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const index = played(changes);
        for (const tag of index.tags()) {
          const found = index.find(tag);
          expect(typeof found === 'object' && index.manifest(found.descriptor.digest)).toBeTruthy();
        }
      }),
    );
  });
});
