/** Stopped at moments spread over a whole run: nothing is left open or half, and the next run completes the work. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { layerOf, noise } from '../kit/corpus/content.ts';
import { observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { RepositoryBuilder, type TestRepository } from '../kit/corpus/repository.ts';
import { until } from './kit/ports.ts';
import { finished, startTranship, transhipOk } from './kit/process.ts';
import { type Server, startServer } from './kit/servers.ts';
import { storageRoot, temporaryFolder } from './kit/storage.ts';

const repository = 'stopped/app';
const moments = 10;

/** A layer that goes up in several requests, and small ones that go up in one, which end differently when they are cut. */
function images(): TestRepository {
  const builder = new RepositoryBuilder(repository);
  const large = layerOf(noise(40 << 20, 'large'), 'none');
  for (let number = 0; number < 6; number += 1) {
    const layers = [...(number === 0 ? [large] : []), layerOf(noise(2 << 20, `${number}`), 'none')];
    builder.image({ os: 'linux', architecture: 'amd64' }, layers, { tags: [`v${number}`] });
  }
  return builder.done();
}

/** Runs a copy and stops it after a while. What happened before the program took signals tells nothing. */
async function stopped(args: readonly string[], after: number, signal: NodeJS.Signals): Promise<void> {
  const child = startTranship(args);
  const end = finished(child);
  await pause(after);
  child.kill(signal);
  const { code, signal: killedBy } = await end;
  if (signal === 'SIGKILL' || killedBy !== null) return;
  expect([0, signal === 'SIGINT' ? 130 : 143]).toContain(code);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = Date.now();
  await work();
  return Date.now() - began;
}

describe.each(['docker-registry', 'distribution', 'embedded'] as const)('copying to %s', (kind) => {
  test(`stopped at ${moments} moments: no upload stays open, and a rerun completes`, async () => {
    await using source = await startServer('distribution', { storageRoot });
    await pushRepository(source, images());
    const whole = await observe(source, repository);
    const copy = (to: Server) => ['copy', '--all-tags', `${source.host}/${repository}`, `${to.host}/${repository}`];
    await using first = await startServer(kind, { storageRoot });
    const length = await timeOf(() => transhipOk(copy(first)));

    for (let number = 1; number <= moments; number += 1) {
      await using destination = await startServer(kind, { storageRoot });
      await stopped(copy(destination), (length * number) / (moments + 1), number % 2 === 0 ? 'SIGINT' : 'SIGTERM');
      await until(() => uploads(destination).length === 0, { limitMs: 10_000, what: `no upload left at ${kind}` });
      expect((await observe(destination, repository)).missing).toEqual([]);
      await transhipOk(copy(destination));
      expect(await observe(destination, repository)).toEqual(whole);
    }
  });
});

describe.each(['oci:FOLDER/deep/layout', 'oci-archive:FOLDER/archive.tar'])('copying to %s', (form) => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'stopped by %s: a rerun completes and leaves nothing but the result',
    async (signal) => {
      await using source = await startServer('distribution', { storageRoot });
      await pushRepository(source, images());
      const copyInto = (folder: string) => [
        'copy',
        '--all-tags',
        `${source.host}/${repository}`,
        form.replace('FOLDER', folder),
      ];
      using first = temporaryFolder('stopped', storageRoot);
      const length = await timeOf(() => transhipOk(copyInto(first.path)));
      const names = namesIn(first.path);

      for (let number = 1; number <= moments / 2; number += 1) {
        using folder = temporaryFolder('stopped', storageRoot);
        await stopped(copyInto(folder.path), (length * number) / (moments / 2 + 1), signal);
        if (signal === 'SIGTERM')
          expect(namesIn(folder.path).filter((name) => name.includes('.tranship-'))).toEqual([]);
        await transhipOk(copyInto(folder.path));
        expect(namesIn(folder.path)).toEqual(names);
      }
    },
  );
});

function namesIn(folder: string): readonly string[] {
  return globSync(['**/*', '**/.*'], { cwd: folder }).sort();
}

/** Upload sessions; what generation 2 writes of a hash once more after it deleted one is none. */
function uploads(server: Server): readonly string[] {
  const storage = join(server.folder, 'storage');
  const ofDistribution = join(storage, 'docker/registry/v2/repositories', repository, '_uploads');
  if (server.kind === 'embedded') return globSync('uploads/*/*', { cwd: storage });
  return existsSync(ofDistribution) ? globSync('*/{startedat,data}', { cwd: ofDistribution }) : [];
}
