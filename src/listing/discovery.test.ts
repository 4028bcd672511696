import { expect, test } from 'vitest';
import { collect, HurriedClock, repositoryName } from '../../test/kit/client.ts';
import { TranshipError } from '../oci/errors.ts';
import { discover } from './discovery.ts';
import type { Adapter, ListingDeps } from './types.ts';

type Names = readonly string[] | Error;

async function* names(list: Names) {
  if (list instanceof Error) throw list;
  for (const name of list) yield repositoryName(name);
}

function world(catalog: Names, own?: (namespace: string | undefined) => Names) {
  const warnings: string[] = [];
  const readings = { catalog: 0 };
  const deps = {
    host: 'registry.example.com',
    clock: new HurriedClock(),
    emit: (event) => void warnings.push(event.type === 'warning' ? event.message : event.type),
    catalog: () => {
      readings.catalog += 1;
      return names(catalog);
    },
  } as Partial<ListingDeps> as ListingDeps;
  const adapter: Adapter | undefined = own && {
    kind: 'harbor',
    listRepositories: (namespace) => names(own(namespace)),
  };
  const find = (namespaces?: readonly string[]) => collect(discover(adapter, deps, namespaces, {}));
  return { find, warnings, readings };
}

const denied = new TranshipError('E_DENIED', 'auth', 'The listing is not allowed to this account.', {
  serverSaid: 'HTTP 403',
});

test('a namespace is the beginning of a path, not of a word', async () => {
  const { find } = world(['app/a', 'apps/b', 'app', 'x/app/c']);
  expect(await find(['app'])).toEqual(['app/a', 'app']);
});

test('the catalog is read once for several namespaces, and what two of them hold comes once', async () => {
  const { find, readings } = world(['a/b/c', 'a/d', 'e/f', 'g/h']);
  expect(await find(['a', 'a/b', 'e'])).toEqual(['a/b/c', 'a/d', 'e/f']);
  expect(readings.catalog).toBe(1);
});

test('a discovery of its own is asked for each namespace, and the catalog left alone', async () => {
  const { find, readings, warnings } = world([], (namespace) => [`${namespace}/x`, 'other/y']);
  expect(await find(['a', 'b'])).toEqual(['a/x', 'b/x']);
  expect([readings.catalog, warnings]).toEqual([0, []]);
});

test('a discovery that is refused is replaced by the catalog, and that is said with the words of the registry', async () => {
  const { find, warnings } = world(['a/x'], () => denied);
  expect(await find(['a'])).toEqual(['a/x']);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('HTTP 403');
});

test('where the catalog is refused too, the discovery has the word', async () => {
  const { find, warnings } = world(new TranshipError('E_UNSUPPORTED', 'failed', 'There is no catalog.'), () => denied);
  await expect(find(['a'])).rejects.toBe(denied);
  expect(warnings).toEqual([]);
});

test('a discovery beyond all measure is refused, and the catalog left alone', async () => {
  const refusal = new TranshipError('E_LIMIT', 'refused', 'There are too many repositories.');
  const { find, readings } = world(['a/x'], () => refusal);
  await expect(find(['a'])).rejects.toBe(refusal);
  expect(readings.catalog).toBe(0);
});

test('what may pass is not hidden behind a catalog that may show only a part', async () => {
  const down = new TranshipError('E_SERVER', 'temporary', 'The listing failed.');
  const { find, readings } = world(['a/x'], () => down);
  await expect(find(['a'])).rejects.toBe(down);
  expect(readings.catalog).toBe(0);
});

test('nothing of a discovery that breaks off half-way is told', async () => {
  const { find } = world(['a/x'], (namespace) => (namespace === 'b' ? denied : ['a/only-here']));
  expect(await find(['a', 'b'])).toEqual(['a/x']);
});

test('a mistake of the program is no refusal', async () => {
  const { find } = world(['a/x'], () => new TypeError('x is not a function'));
  await expect(find(['a'])).rejects.toThrow(TypeError);
});
