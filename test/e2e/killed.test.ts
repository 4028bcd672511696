/** Whatever ends a run, and whenever: no tag ever names something incomplete, and the next run finishes the work. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { describe as describeBlob, layerOf, mediaTypes, noise, repeatedBlob } from '../kit/corpus/content.ts';
import { listTags, type Observed, observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { RepositoryBuilder, type TestRepository } from '../kit/corpus/repository.ts';
import { until } from './kit/ports.ts';
import { finished, startTranship, transhipOk } from './kit/process.ts';
import { type Server, type ServerKind, startServer } from './kit/servers.ts';
import { storageRoot } from './kit/storage.ts';

const repository = 'killed/app';
const kills = 10;

describe.each(['docker-registry', 'distribution', 'olareg', 'embedded'] as const)('copying to %s', (kind) => {
  test(`killed at ${kills} moments: every tag that is there is whole, and a rerun completes`, async () => {
    await using source = await startServer('distribution', { storageRoot });
    await pushRepository(source, severalImages());
    const whole = await observe(source, repository);
    const length = await timeOfWholeCopy(source, kind);

    for (let number = 1; number <= kills; number += 1) {
      await using destination = await startServer(kind, { storageRoot });
      const child = startTranship(copyAll(source, destination));
      const end = finished(child);
      // The moments are spread over the whole run, so that each phase of it is hit.
      await pause((length * number) / (kills + 1));
      child.kill('SIGKILL');
      await end;

      expectWhole(await observe(destination, repository));
      await transhipOk(copyAll(source, destination));
      expect(await observe(destination, repository)).toEqual(whole);
    }
  });
});

function copyAll(source: Server, destination: Server): string[] {
  return ['copy', '--all-tags', `${source.host}/${repository}`, `${destination.host}/${repository}`];
}

function expectWhole({ missing }: Observed): void {
  expect(missing).toEqual([]);
}

async function timeOfWholeCopy(source: Server, kind: ServerKind): Promise<number> {
  await using destination = await startServer(kind, { storageRoot });
  const began = Date.now();
  await transhipOk(copyAll(source, destination));
  return Date.now() - began;
}

/** Tags over indexes whose images share layers. */
function severalImages(count = 12): TestRepository {
  const builder = new RepositoryBuilder(repository);
  const shared = layerOf(noise(3 << 20, 'shared'), 'none');
  for (let number = 0; number < count; number += 1) {
    const children = ['amd64', 'arm64'].map((architecture) =>
      builder.image({ os: 'linux', architecture }, [
        shared,
        layerOf(noise(1 << 20, `${number} ${architecture}`), 'none'),
      ]),
    );
    const index = builder.index(children, { tags: [`v${number}`] });
    builder.artifact('application/vnd.example.signature', `signature ${number}`, { subject: index });
  }
  return builder.done();
}

test('the embedded registry is killed while it takes an image: what it said it has, it has', async () => {
  await using source = await startServer('distribution', { storageRoot });
  await pushRepository(source, severalImages(40));
  await using destination = await startServer('embedded', { storageRoot });
  // One tag at a time, so that most of them are still to come when the first one is seen.
  const child = startTranship([...copyAll(source, destination), '--jobs', '1']);
  const end = finished(child);
  await until(async () => (await listTags(destination, repository)).length > 0, {
    limitMs: 120_000,
    what: 'the first tag at the destination',
  });
  process.kill(destination.pid, 'SIGKILL');
  // A host that worked is waited for, for minutes: it may only be restarted.
  await pause(500);
  child.kill('SIGTERM');
  expect((await end).code).toBe(143);

  await using again = await startServer('embedded', { storageRoot, storage: join(destination.folder, 'storage') });
  const found = await observe(again, repository);
  expect(Object.keys(found.tags).length).toBeGreaterThan(0);
  expectWhole(found);
});

describe.each([
  ['SIGTERM', 143, 'docker-registry'],
  ['SIGINT', 130, 'docker-registry'],
  ['SIGTERM', 143, 'distribution'],
] as const)('%s in the middle of a large upload', (signal, code, kind) => {
  test(`ends with ${code}, and leaves neither a tag nor an upload session at ${kind}`, async () => {
    await using source = await startServer('distribution', { storageRoot });
    await using destination = await startServer(kind, { storageRoot });
    await pushRepository(source, oneLarge());
    const child = startTranship([
      'copy',
      `${source.host}/${repository}:large`,
      `${destination.host}/${repository}:large`,
    ]);
    const end = finished(child);
    await until(() => uploads(destination).length > 0, { limitMs: 60_000, what: 'an upload session' });
    child.kill(signal);
    const done = await end;

    expect([done.code, done.signal]).toEqual([code, null]);
    await until(() => uploads(destination).length === 0, { limitMs: 10_000, what: 'no upload left' });
    expect((await observe(destination, repository)).tags).toEqual({});
  });
});

function oneLarge(): TestRepository {
  const builder = new RepositoryBuilder(repository);
  const blob = repeatedBlob(2 ** 30, 'large and stopped');
  const layer = { blob, descriptor: describeBlob(blob, mediaTypes.plainLayer), diffId: blob.digest };
  builder.image({ os: 'linux', architecture: 'amd64' }, [layer], { tags: ['large'] });
  return builder.done();
}

/**
 * The upload sessions that a registry of distribution's kind has open. Generation 2 writes the state of a hash, a few bytes,
 * once more after it deleted a session: a folder with nothing else in it is no session.
 */
function uploads(server: Server): string[] {
  const folder = join(server.folder, 'storage/docker/registry/v2/repositories', repository, '_uploads');
  return existsSync(folder) ? globSync('*/{startedat,data}', { cwd: folder }) : [];
}
