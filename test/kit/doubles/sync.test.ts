import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadIntent } from '../../../src/compose/intent.ts';
import { carryOut, openSync } from '../../../src/compose/sync.ts';
import { startEmbedded } from '../embedded.ts';
import { tempFolder } from '../embedded-samples.ts';
import { fill } from '../filled.ts';
import { startAcr } from './acr.ts';
import { startDockerHub } from './docker-hub.ts';
import type { VendorDouble } from './double.ts';
import { startGar } from './gar.ts';
import { startGitLab } from './gitlab.ts';
import { startHarbor } from './harbor.ts';

const vendors: readonly (readonly [string, () => Promise<VendorDouble>])[] = [
  ['acr', startAcr],
  ['docker-hub', startDockerHub],
  ['gar', startGar],
  ['gitlab', startGitLab],
  ['harbor', startHarbor],
];

/** One stage from a registry of some kind to another, by a file as people write it. */
async function configFile(folder: string, kind: string, source: VendorDouble, destination: { readonly host: string }) {
  const file = join(folder, 'tranship.yaml');
  const api = kind === 'docker-hub' || kind === 'gitlab' ? `, api: {url: "${source.url}"}` : '';
  await writeFile(
    file,
    `version: 1
registries:
  from: {url: "${source.host}", kind: ${kind}${api}}
  to: {url: "${destination.host}"}
stages:
  - from: {registry: from, repositories: ["corpus/**"]}
    to: [{registry: to, repository: "copy/{path}"}]
`,
  );
  return file;
}

async function sync(file: string) {
  await using run = await openSync(await loadIntent(file, {}), {});
  const { report } = await carryOut(run, {});
  return report;
}

const writes = /^(PUT|POST|PATCH|DELETE) /;
const manifestReads = /^GET \S*\/manifests\//;

describe.each(vendors)('from %s', (kind, start) => {
  test('everything is found and brought over, and a second run reads listings alone', async () => {
    await using folder = await tempFolder();
    await using source = await start();
    await using destination = await startEmbedded();
    await fill(source, 'corpus/busybox', 'corpus/multi');
    const file = await configFile(folder.path, kind, source, destination);
    const first = await sync(file);
    expect(first.items.map((item) => item.outcome)).not.toContain('failed');
    expect(source.shelf.tags('corpus/multi').length).toBeGreaterThan(0);
    for (const repository of ['corpus/busybox', 'corpus/multi']) {
      for (const { name, digest } of source.shelf.tags(repository)) {
        const copy = await fetch(`${destination.url}/v2/copy/${repository}/manifests/${name}`, { method: 'HEAD' });
        expect([name, copy.headers.get('docker-content-digest')]).toEqual([name, digest]);
      }
    }

    source.forget();
    const before = destination.requests.length;
    await sync(file);
    const asked = destination.requests.slice(before).map(({ method, url }) => `${method} ${url}`);
    expect([...source.asked(), ...asked].filter((line) => writes.test(line) || manifestReads.test(line))).toEqual([]);
    expect(source.asked().filter((line) => line.startsWith('HEAD'))).toEqual([]);
  });
});
