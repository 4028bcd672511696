/** Twenty images through a proxy on each side that breaks every tenth request in one of many ways: all arrive, and right. */
import { expect, test } from 'vitest';
import { layerOf, noise } from '../kit/corpus/content.ts';
import { observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { RepositoryBuilder, type TestRepository } from '../kit/corpus/repository.ts';
import { type Fault, faultProxy, type ProxiedRequest } from '../kit/fault-proxy.ts';
import { tranship } from './kit/process.ts';
import { startServer } from './kit/servers.ts';
import { storageRoot } from './kit/storage.ts';

const repository = 'faults/app';
const images = 20;
const kinds: readonly Fault[] = [
  'reset',
  '500',
  '503',
  '429',
  '429-retry-after',
  'truncated',
  'lost-response',
  'bit-flip',
  'cut-upload',
];

test.each(['distribution', 'docker-registry', 'embedded'] as const)('into %s', { timeout: 420_000 }, async (kind) => {
  await using source = await startServer('distribution', { storageRoot });
  await using destination = await startServer(kind, { storageRoot });
  await pushRepository(source, twentyImages());
  const rates = Object.fromEntries(kinds.map((fault) => [fault, 0.1 / kinds.length]));
  await using before = await faultProxy({ target: new URL(source.url), seed: 11, rates, script: stallOnce() });
  await using behind = await faultProxy({ target: new URL(destination.url), seed: 12, rates });

  const args = ['copy', '--all-tags', `${before.host}/${repository}`, `${behind.host}/${repository}`, '--jobs', '4'];
  const done = await tranship(args, { timeoutMs: 400_000 });

  expect(done.code, done.stderr).toBe(0);
  expect(await observe(destination, repository)).toEqual(await observe(source, repository));
  const broken = before.injected.length + behind.injected.length;
  expect(broken).toBeGreaterThan((before.requests.length + behind.requests.length) / 20);
});

/** Each stall costs the whole patience with a quiet server, so there is one, in the middle of a layer. */
function stallOnce(): (request: ProxiedRequest) => Fault | undefined {
  let layers = 0;
  return ({ method, url }) => {
    if (method === 'GET' && url.includes('/blobs/')) layers += 1;
    return layers === 7 && layers++ ? 'stall' : undefined;
  };
}

function twentyImages(): TestRepository {
  const builder = new RepositoryBuilder(repository);
  for (let image = 0; image < images; image += 1) {
    const layers = [0, 1, 2].map((layer) => layerOf(noise(2 << 20, `fault ${image} ${layer}`), 'none'));
    builder.image({ os: 'linux', architecture: 'amd64' }, layers, { tags: [`v${image}`] });
  }
  return builder.done();
}
