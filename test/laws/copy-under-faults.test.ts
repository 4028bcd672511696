/** Every tenth request of both sides goes wrong, in all the ways that networks and registries have; the images arrive all the same. */
import { expect, it } from 'vitest';
import { copyImage } from '../../src/execute/copy-image.ts';
import { Ledger } from '../../src/execute/ledger.ts';
import { createHttp } from '../../src/http/client.ts';
import { MemoryRepository } from '../../src/oci/memory.ts';
import { parseRepositoryName, type RepositoryName, type TagName } from '../../src/oci/names.ts';
import type { ContentReader, ContentWriter } from '../../src/oci/ports.ts';
import { openRegistry } from '../../src/registry/registry.ts';
import { startEmbedded } from '../kit/embedded.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { type Fault, faultProxy } from '../kit/fault-proxy.ts';
import { imageMaker } from '../kit/images.ts';
import { seededRandom } from '../kit/random.ts';

const faults: readonly Fault[] = ['reset', '500', '503', 'truncated', 'lost-response', 'bit-flip', 'cut-upload'];

/** One request in ten. A body that is cut needs a body, which only GET surely has. */
function everyTenth(seed: number) {
  const random = seededRandom(seed);
  return ({ method }: { readonly method: string }): Fault | undefined => {
    const hit = random() < 0.1;
    const fault = faults[Math.floor(random() * faults.length)];
    return !hit || (fault === 'truncated' && method !== 'GET') ? undefined : fault;
  };
}

async function copyAll(source: ContentReader, place: ContentWriter, tags: readonly TagName[]) {
  const ledger = new Ledger();
  const copyOne = (tag: TagName) =>
    copyImage({
      id: tag,
      source,
      reference: tag,
      destinations: [{ place, tags: [tag] }],
      ledger,
      emit: () => undefined,
      now: Date.now,
    });
  return (await Promise.all(tags.map(copyOne))).flatMap(({ outcomes }) => outcomes);
}

it('eight images of three layers each are copied whole while one request in ten fails', {
  timeout: 90_000,
}, async () => {
  await using origin = await startEmbedded();
  await using target = await startEmbedded();
  await using before = await faultProxy({ target: new URL(origin.url), script: everyTenth(11) });
  await using behind = await faultProxy({ target: new URL(target.url), script: everyTenth(12) });
  const http = createHttp({ settings: () => ({}), env: {}, userAgent: 'test', clock: new FakeClock() });
  const repository = (host: string) =>
    openRegistry({ host, http, credentials: { find: async () => undefined } }).repository(
      parseRepositoryName('app') as RepositoryName,
    );
  try {
    const source = new MemoryRepository({ location: 'memory' });
    const make = imageMaker(source);
    const layers = (image: number) => [1, 2, 3].map((layer) => make.blob(Buffer.alloc(300_000, `${image} ${layer}`)));
    const tags = Array.from({ length: 8 }, (_, image) => make.tag(`v${image}`, make.image(layers(image))));
    await copyAll(source, repository(origin.host), tags);

    const outcomes = await copyAll(repository(before.host), repository(behind.host), tags);

    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([]);
    expect(before.injected.length + behind.injected.length).toBeGreaterThan(10);
    const arrived = repository(target.host);
    for (const tag of tags) expect((await arrived.resolve(tag))?.digest).toBe(source.tags.get(tag));
    for (const [digest, bytes] of source.blobs) {
      expect(await arrived.hasBlob({ mediaType: 'x', digest, size: bytes.length })).toBe(true);
    }
  } finally {
    await http.close();
  }
});
