/**
 * Everything in the corpus goes from registry to registry, through a layout and back, and is the same at every station:
 * to our own eyes over the wire, and to four other programs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCorpus } from '../kit/corpus/corpus.ts';
import { type Observed, observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { runOk, tranship, transhipOk } from './kit/process.ts';
import { witnesses } from './kit/rivals.ts';
import { type Server, type ServerKind, startServer } from './kit/servers.ts';
import { storageRoot, temporaryFolder } from './kit/storage.ts';
import { tool } from './kit/tools.ts';

/** What a registry does not take, and why. */
const refusals: Partial<Record<ServerKind, readonly string[]>> = {
  // It wants every layer in its own storage, also those that lie elsewhere.
  olareg: ['corpus/foreign'],
};
const chain: readonly ServerKind[] = ['docker-registry', 'distribution', 'olareg', 'embedded'];

const corpus = await makeCorpus({ busybox: readFileSync(tool('busybox')), largeLayer: 2 ** 30 });
const names = corpus.map(({ name }) => name);
const truth = new Map<string, Observed>();
const servers = new Map<ServerKind, Server>();
const work = temporaryFolder('chain', storageRoot);
const layout = (name: string): string => `oci:${join(work.path, 'layouts', name)}`;
let last: Server;

beforeAll(async () => {
  for (const kind of chain) servers.set(kind, await startServer(kind, { storageRoot }));
  last = await startServer('docker-registry', { storageRoot });
  for (const repository of corpus) {
    await pushRepository(at('docker-registry'), repository);
    truth.set(repository.name, await observe(at('docker-registry'), repository.name));
  }
});

afterAll(async () => {
  for (const server of [...servers.values(), last]) await server[Symbol.asyncDispose]();
  work[Symbol.dispose]();
});

function at(kind: ServerKind): Server {
  const server = servers.get(kind);
  if (server === undefined) throw new Error(`${kind} was not started`);
  return server;
}

const takes = (kind: ServerKind, name: string): boolean => !refusals[kind]?.includes(name);

/** The last station before `kind` that holds the repository. */
function stationBefore(kind: ServerKind, name: string): Server {
  const before = chain.slice(0, chain.indexOf(kind)).filter((each) => takes(each, name));
  return at(before.at(-1) ?? 'docker-registry');
}

test('the source holds the corpus whole', () => {
  expect([...truth.values()].flatMap(({ missing }) => missing)).toEqual([]);
  expect(Object.keys(truth.get('corpus/many')?.tags ?? {})).toHaveLength(1000);
});

describe.each(chain.slice(1))('on to %s', (kind) => {
  test.each(names.filter((name) => takes(kind, name)))('%s arrives whole and unchanged', async (name) => {
    const from = stationBefore(kind, name);
    await transhipOk(['copy', `${from.host}/${name}`, `${at(kind).host}/${name}`, '--all-tags']);
    expect(await observe(at(kind), name)).toEqual(truth.get(name));
  });

  test.each(refusals[kind] ?? [])('%s is refused: said clearly, and no tag is left', async (name) => {
    const done = await tranship([
      'copy',
      `${stationBefore(kind, name).host}/${name}:latest`,
      `${at(kind).host}/${name}:latest`,
    ]);
    expect(done.code).not.toBe(0);
    expect(done.stderr).toMatch(/destination .*corpus\/foreign/);
    expect(done.stderr).toMatch(/E_[A-Z_]+/);
    expect((await observe(at(kind), name)).tags).toEqual({});
  });
});

describe('into a layout and out of it', () => {
  test.each(names)('%s comes back to the first kind of registry as it left', async (name) => {
    await transhipOk(['copy', `${at('embedded').host}/${name}`, layout(name), '--all-tags']);
    await transhipOk(['copy', layout(name), `${last.host}/${name}`, '--all-tags']);
    expect(await observe(last, name)).toEqual(truth.get(name));
  });

  test('the busybox image runs when another program unpacked it from the layout', async () => {
    const rootfs = join(work.path, 'rootfs');
    await runOk(tool('umoci'), [
      'raw',
      'unpack',
      '--image',
      `${join(work.path, 'layouts', 'corpus/busybox')}:1.0`,
      rootfs,
    ]);
    expect(existsSync(join(rootfs, 'bin/busybox'))).toBe(true);
    expect(await runOk('/usr/sbin/chroot', [rootfs, '/bin/sh', '-c', 'echo runs'])).toBe('runs\n');
  });
});

describe.each(Object.entries(witnesses))('%s finds the same digests', (_tool, witness) => {
  test.each([...chain, 'layout, then docker-registry' as const])('on %s', async (kind) => {
    const server = kind === 'layout, then docker-registry' ? last : at(kind);
    using home = temporaryFolder('witness');
    const found: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const name of names.filter((each) => server === last || takes(server.kind, each))) {
      for (const [tag, digest] of someTags(name)) {
        wanted[`${name}:${tag}`] = digest;
        found[`${name}:${tag}`] = await witness(server.host, `${name}:${tag}`, home.path);
      }
    }
    expect(found).toEqual(wanted);
  });
});

function someTags(name: string): [string, string][] {
  return Object.entries(truth.get(name)?.tags ?? {}).slice(0, 4);
}

describe('a second run', () => {
  test.each(names)('of %s copies nothing', async (name) => {
    const done = await transhipOk(['copy', layout(name), `${last.host}/${name}`, '--all-tags', '-o', 'json']);
    expect(movedBytes(done)).toEqual(Object.keys(truth.get(name)?.tags ?? {}).map(() => 0));
  });
});

/** What the report says was moved for each tag. */
function movedBytes(report: string): number[] {
  return [...report.matchAll(/"bytesMoved":\s*(\d+)/g)].map(([, bytes]) => Number(bytes));
}
