import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleBlob } from '../../test/kit/embedded-samples.ts';
import { Fault } from './fault.ts';
import { folderOf, nameOfFolder } from './folders.ts';
import { pageOf } from './paging.ts';
import { parseContentRange, parseRange } from './ranges.ts';
import { parseRoute } from './route.ts';

describe('a Range header', () => {
  test.each([
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=10-', { first: 10, last: 99 }],
    ['bytes=-10', { first: 90, last: 99 }],
    ['bytes=-1000', { first: 0, last: 99 }],
    ['bytes=50-1000', { first: 50, last: 99 }],
    ['bytes=99-99', { first: 99, last: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=5-4', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=-', undefined],
    ['bytes=1-2,4-5', undefined],
    ['lines=1-2', undefined],
    ['bytes 1-2', undefined],
    [undefined, undefined],
  ])('%s of 100 bytes', (header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected);
  });

  test('of nothing cannot be satisfied', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
  });

  test('never reaches outside', () => {
    const header = fc.tuple(fc.option(fc.nat()), fc.option(fc.nat())).map(([a, b]) => `bytes=${a ?? ''}-${b ?? ''}`);
    fc.assert(
      fc.property(header, fc.nat(1000), (text, size) => {
        const range = parseRange(text, size);
        if (typeof range !== 'object') return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(size);
      }),
    );
  });
});

describe('a Content-Range header', () => {
  test.each([
    ['0-9', { first: 0, last: 9 }],
    ['bytes 0-9', 'malformed'],
    ['0-9/10', 'malformed'],
    ['9-0', 'malformed'],
    ['a-b', 'malformed'],
    ['', 'malformed'],
    [undefined, undefined],
  ])('%s', (header, expected) => {
    expect(parseContentRange(header)).toEqual(expected);
  });
});

describe('pages', () => {
  test('one after another give everything once, in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 5 }), (items, n) => {
        const sorted = [...items].sort();
        const seen: string[] = [];
        for (let page = pageOf(sorted, n); ; page = pageOf(sorted, n, page.items.at(-1))) {
          seen.push(...page.items);
          if (!page.more) break;
        }
        expect(seen).toEqual(sorted);
      }),
    );
  });

  test('begin behind a last that is not there', () => {
    expect(pageOf(['a', 'c', 'e'], 2, 'b')).toEqual({ items: ['c', 'e'], more: false });
    expect(pageOf(['a', 'c', 'e'], 2, 'z')).toEqual({ items: [], more: false });
  });

  test('of no length are empty', () => {
    expect(pageOf(['a'], 0)).toEqual({ items: [], more: true });
  });
});

describe('a path', () => {
  const { digest } = sampleBlob('x').descriptor;

  test.each([
    ['/v2', 'ping'],
    ['/v2/', 'ping'],
    ['/v2/_catalog', 'catalog'],
    [`/v2/a/b/c/blobs/${digest}`, 'blob'],
    ['/v2/a/blobs/uploads/', 'uploads'],
    ['/v2/a/blobs/uploads', 'uploads'],
    [`/v2/a/blobs/uploads/${'0'.repeat(32)}`, 'upload'],
    ['/v2/a/manifests/v1', 'manifest'],
    [`/v2/a/manifests/${digest.replace(':', '%3A')}`, 'manifest'],
    ['/v2/blobs/uploads/manifests/uploads', 'manifest'],
    ['/v2/tags/list/tags/list', 'tags'],
    [`/v2/a/referrers/${digest}`, 'referrers'],
  ])('%s is about a %s', (path, about) => {
    expect(parseRoute(path)?.about).toBe(about);
  });

  test.each(['/', '/v1/', '/v2x', '/v2/a', '/v2/a/b', '/v2/a/tags', '/v2/a/manifests', '/favicon.ico', '*'])(
    '%s is about nothing',
    (path) => {
      expect(parseRoute(path)).toBeUndefined();
    },
  );

  test.each([
    ['/v2/A/tags/list', 400],
    ['/v2//tags/list', 400],
    ['/v2/a//b/tags/list', 400],
    ['/v2/../x/tags/list', 400],
    ['/v2/a%2Fb/tags/list', 400],
    ['/v2/%zz/tags/list', 400],
    [`/v2/${'a'.repeat(256)}/tags/list`, 400],
    [`/v2/${'a'.repeat(3000)}/tags/list`, 414],
    ['/v2/a/blobs/sha256:..%2f..%2fx', 400],
    ['/v2/a/blobs/md5:abc', 400],
    ['/v2/a/blobs/uploads/..%2f..%2fx', 404],
    ['/v2/a/manifests/-tag', 404],
    ['/v2/a/manifests/sha256:baddigeststring', 400],
  ])('%s is answered %i', (path, status) => {
    expect(() => parseRoute(path)).toThrow(expect.objectContaining({ status }));
  });

  test('of any kind is a route, nothing, or a fault of the client', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'v2',
        'blobs',
        'uploads',
        'manifests',
        'tags',
        'list',
        'referrers',
        '_catalog',
        'a',
        digest,
        '..',
        '%00',
      ),
      fc.string(),
    );
    const statusOf = (path: string, method: string): number => {
      try {
        parseRoute(path, method);
        return 200;
      } catch (error) {
        if (error instanceof Fault) return error.status;
        throw error;
      }
    };
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom('GET', 'PUT'), (pieces, method) => {
        expect(statusOf(`/${pieces.join('/')}`, method)).toBeLessThan(500);
      }),
    );
  });
});

describe('the folder of a repository', () => {
  test('is one level, and leads back to the name', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,5}){0,2}$/);
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 4 }), (components) => {
        const name = components.join('/') as never;
        expect(folderOf(name)).not.toContain('/');
        expect(nameOfFolder(folderOf(name))).toBe(name);
      }),
    );
  });

  test('of someone else is left alone', () => {
    expect(nameOfFolder('.git')).toBeUndefined();
    expect(nameOfFolder('Uppercase')).toBeUndefined();
  });
});
