/** The copy over real sockets: between embedded registries, into a layout and out of it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CopyRequest } from '../../src/execute/copy.ts';
import { copyImage } from '../../src/execute/copy-image.ts';
import { Ledger } from '../../src/execute/ledger.ts';
import { createHttp } from '../../src/http/client.ts';
import type { HttpClient } from '../../src/http/types.ts';
import { openLayout } from '../../src/layout/layout.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { MemoryRepository } from '../../src/oci/memory.ts';
import { parseRepositoryName } from '../../src/oci/names.ts';
import type { ContentReader, ContentWriter } from '../../src/oci/ports.ts';
import { openRegistry, type Registry } from '../../src/registry/registry.ts';
import { type EmbeddedRegistry, startEmbedded } from '../kit/embedded.ts';
import { imageMaker, tagName } from '../kit/images.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
}

let http: HttpClient;
let folder: string;
let origin: EmbeddedRegistry;
let target: EmbeddedRegistry;
const seen: { origin: Seen[]; target: Seen[] } = { origin: [], target: [] };
const clients = new Map<string, Registry>();
const source = new MemoryRepository({ location: 'memory' });

beforeAll(async () => {
  http = createHttp({ settings: () => ({}), env: {}, userAgent: 'test' });
  folder = await mkdtemp(join(tmpdir(), 'tranship-copy-'));
  origin = await startEmbedded({ onRequest: (info) => seen.origin.push(info) });
  target = await startEmbedded({ onRequest: (info) => seen.target.push(info) });
  fill();
  expect(await copy(source, [repository(origin, 'app')])).toMatchObject([
    { ok: true, outcome: 'copied', referrers: 3 },
  ]);
});

afterAll(async () => {
  await http.close();
  await origin[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Two platforms, a layer above the limit of a single PUT, an SBOM on a child, a signature on that, and one of cosign's tags. */
function fill(): void {
  const make = imageMaker(source);
  const large = Buffer.from(Array.from({ length: 12_000_000 }, (_, at) => (at * 31 + (at >> 11)) & 255));
  const child = make.image([make.blob(large), make.blob('small')]);
  const root = make.index([child, make.image([make.blob('x'.repeat(100_000))])]);
  make.tag('v1', root);
  const sbom = make.image([make.blob('sbom')], { subject: child, artifactType: 'application/x.sbom' });
  make.image([make.blob('signature')], { subject: sbom, artifactType: 'application/x.sig' });
  make.tag(`${root.digest.replace(':', '-')}.sig`, make.image([make.blob('cosign')], { note: 'cosign' }));
}

/** One client a registry, as in a run: repositories of one client know that they can mount from each other. */
function repository({ host }: EmbeddedRegistry, name: string) {
  const parsed = parseRepositoryName(name);
  if (parsed === undefined) throw new Error(`${name} is no repository`);
  const registry = clients.get(host) ?? openRegistry({ host, http, credentials: { find: async () => undefined } });
  clients.set(host, registry);
  return registry.repository(parsed);
}

async function copy(from: ContentReader, places: readonly ContentWriter[], more: Partial<CopyRequest> = {}) {
  const { outcomes } = await copyImage({
    id: 'c',
    source: from,
    reference: tagName('v1'),
    destinations: places.map((place) => ({ place, tags: [tagName('v1')] })),
    ledger: new Ledger(),
    emit: () => undefined,
    now: Date.now,
    ...more,
  });
  return outcomes;
}

/** Every manifest and blob of the source, byte for byte. */
async function holdsEverything(place: ContentReader): Promise<void> {
  for (const { descriptor, bytes } of source.manifests.values()) {
    expect(Buffer.from((await place.fetchManifest(descriptor.digest)).bytes).equals(bytes)).toBe(true);
  }
  for (const [digest, bytes] of source.blobs) {
    const parts: Uint8Array[] = [];
    for await (const chunk of await place.openBlob({ mediaType: 'x', digest, size: bytes.length }, 0)) {
      parts.push(Uint8Array.from(chunk.bytes));
      chunk.release();
    }
    expect(Buffer.concat(parts).equals(bytes), digest).toBe(true);
  }
}

const blobReads = (requests: readonly Seen[]): readonly Digest[] =>
  requests.filter(({ method, url }) => method === 'GET' && url.includes('/blobs/')).map(({ url }) => url as Digest);

describe('over real sockets', () => {
  it('an image with all that refers to it goes from registry to registry, and a second time nothing does', async () => {
    expect(await copy(repository(origin, 'app'), [repository(target, 'app')])).toMatchObject([
      { ok: true, referrers: 3 },
    ]);
    await holdsEverything(repository(target, 'app'));
    seen.target.length = 0;
    expect(await copy(repository(origin, 'app'), [repository(target, 'app')])).toMatchObject([
      { outcome: 'same', bytesMoved: 0 },
    ]);
    expect(seen.target.filter(({ method }) => method !== 'HEAD' && method !== 'GET')).toEqual([]);
  });

  it('within one registry its blobs are mounted', async () => {
    seen.origin.length = 0;
    expect(await copy(repository(origin, 'app'), [repository(origin, 'team/app')])).toMatchObject([
      { ok: true, bytesMoved: 0 },
    ]);
    expect(blobReads(seen.origin)).toEqual([]);
    await holdsEverything(repository(origin, 'team/app'));
  });

  it('to two repositories and a layout it is read once, and from the layout it comes back', async () => {
    seen.origin.length = 0;
    const layout = await openLayout(join(folder, 'layout'), { mode: 'create' });
    const places = [repository(target, 'one'), repository(target, 'two'), layout];
    const outcomes = await copy(repository(origin, 'app'), places);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
    const reads = blobReads(seen.origin);
    expect(new Set(reads).size).toBe(reads.length);
    for (const place of places) await holdsEverything(place);

    expect(await copy(layout, [repository(target, 'back')])).toMatchObject([{ ok: true, referrers: 3 }]);
    await holdsEverything(repository(target, 'back'));
  });

  it('stopped while a large blob is on its way it leaves no tag, no upload session and nothing half', async () => {
    const stop = new AbortController();
    const sessions = () => readdir(join(target.root, 'uploads', 'stopped')).catch(() => []);
    let during: Promise<readonly string[]> | undefined;
    const outcomes = await copy(repository(origin, 'app'), [repository(target, 'stopped')], {
      signal: stop.signal,
      emit: (event) => {
        if (event.type === 'blob-progress' && event.bytes > 1_000_000 && event.bytes < 11_000_000) {
          during ??= sessions();
          stop.abort(new Error('SIGINT'));
        }
      },
      now: () => performance.now() * 1000,
    });
    expect(outcomes).toMatchObject([{ ok: false, error: { code: 'E_CANCELLED', failure: 'cancelled' } }]);
    expect((await during)?.length).toBeGreaterThan(0);
    expect(await repository(target, 'stopped').resolve(tagName('v1'))).toBeUndefined();
    await expect.poll(sessions).toEqual([]);
  });
});
