/** Memory stays the same whatever the size: of a blob, of a list of tags. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describe as describeBlob, mediaTypes, repeatedBlob } from '../kit/corpus/content.ts';
import { observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { RepositoryBuilder } from '../kit/corpus/repository.ts';
import { type Measured, measure } from './kit/process.ts';
import { type Server, startServer } from './kit/servers.ts';
import { storageRoot, temporaryFolder } from './kit/storage.ts';
import { transhipProgram } from './kit/tools.ts';

const limitMiB = 150;
const gibibytes = Number(process.env.TRANSHIP_E2E_LARGE_GIB ?? 2);

const measured = (...args: string[]): Promise<Measured> => measure(process.execPath, [transhipProgram, ...args]);

test(`a blob of ${gibibytes} GiB goes over in ${limitMiB} MiB, and the embedded registry takes it in as much`, async () => {
  await using source = await startServer('distribution', { storageRoot });
  await using embedded = await startServer('embedded', { storageRoot });
  const name = await pushLarge(source);

  const over = await measured('copy', `${source.host}/${name}:latest`, `${embedded.host}/${name}:latest`);
  expect(over.code, over.stderr).toBe(0);
  expect(over.peakRssMiB).toBeLessThanOrEqual(limitMiB);
  expect(peakRssMiB(embedded.pid)).toBeLessThanOrEqual(limitMiB);
  expect(await observe(embedded, name)).toEqual(await observe(source, name));

  using folder = temporaryFolder('large', storageRoot);
  const out = await measured('copy', `${embedded.host}/${name}:latest`, `oci:${join(folder.path, 'layout')}:latest`);
  expect(out.code, out.stderr).toBe(0);
  expect(out.peakRssMiB).toBeLessThanOrEqual(limitMiB);
  expect(peakRssMiB(embedded.pid)).toBeLessThanOrEqual(limitMiB);
});

async function pushLarge(server: Server): Promise<string> {
  const builder = new RepositoryBuilder('large/one');
  const blob = repeatedBlob(gibibytes * 2 ** 30, 'memory');
  builder.image(
    { os: 'linux', architecture: 'amd64' },
    [{ blob, descriptor: describeBlob(blob, mediaTypes.plainLayer), diffId: blob.digest }],
    { tags: ['latest'] },
  );
  await pushRepository(server, builder.done());
  return 'large/one';
}

/** What the kernel says was the most that a running process held. */
function peakRssMiB(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

test(`50 000 tags are listed in ${limitMiB} MiB`, async () => {
  const count = 50_000;
  await using registry = await registryOfManyTags(count);
  const listed = await measured('tags', `${registry.host}/many/tags`);
  expect(listed.code, listed.stderr).toBe(0);
  expect(listed.stdout.trimEnd().split('\n')).toHaveLength(count);
  expect(listed.peakRssMiB).toBeLessThanOrEqual(limitMiB);
});

const planLimitMiB = 250;

test(`100 000 tags that are the same, each asked for by itself, are planned in ${planLimitMiB} MiB`, async () => {
  const planned = await planOfManyTags(100_000, 'distribution');
  expect(planned.stdout).toContain('Nothing to do: 100000 the same');
  expect(planned.peakRssMiB).toBeLessThanOrEqual(planLimitMiB);
});

test(`100 000 tags of a listing with digests are planned in ${planLimitMiB} MiB, and in linear time`, async () => {
  const [some, many] = [await planOfManyTags(25_000, 'acr'), await planOfManyTags(100_000, 'acr')];
  expect(many.stdout).toContain('Nothing to do: 100000 the same');
  expect(many.peakRssMiB).toBeLessThanOrEqual(planLimitMiB);
  // Four times as much; it would be sixteen times as much if each tag were looked for among all.
  expect(many.cpuSeconds).toBeLessThanOrEqual(6 * some.cpuSeconds);
});

/** A plan between two repositories of one registry that hold the same. */
async function planOfManyTags(count: number, kind: string): Promise<Measured> {
  await using registry = await registryOfManyTags(count);
  using folder = temporaryFolder('many', storageRoot);
  const config = join(folder.path, 'tranship.yaml');
  const url = `"http://${registry.host}"`;
  writeFileSync(
    config,
    `version: 1
registries: {here: {url: ${url}, kind: ${kind}}, there: {url: ${url}, kind: ${kind}}}
stages: [{id: all, from: {registry: here, repository: many/tags}, to: [{registry: there, repository: many/copies}]}]
`,
  );
  const planned = await measured('plan', '-c', config);
  expect(planned.code, planned.stderr).toBe(0);
  return planned;
}

/**
 * As many tags as wanted without a registry that has to store them: pages of 1000 with a relative link, with digests where it
 * is asked as Azure's is, and a HEAD for each tag.
 */
async function registryOfManyTags(count: number): Promise<AsyncDisposable & { readonly host: string }> {
  const pageSize = 1000;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/v2/') return void response.end('{}');
    if (request.method === 'HEAD') {
      const digest = digestOfTag(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
      const type = 'application/vnd.oci.image.manifest.v1+json';
      response.writeHead(200, { 'docker-content-digest': digest, 'content-type': type, 'content-length': 500 });
      return void response.end();
    }
    const from = Number(url.searchParams.get('last') ?? -1) + 1;
    const to = Math.min(from + pageSize, count);
    const names = Array.from({ length: to - from }, (_, offset) => `${from + offset}`);
    const tags = url.pathname.startsWith('/acr/') ? names.map((name) => ({ name, digest: digestOfTag(name) })) : names;
    const link = to < count ? { link: `<${url.pathname}?last=${to - 1}&n=${pageSize}>; rel="next"` } : {};
    response.writeHead(200, { 'content-type': 'application/json', ...link });
    response.end(JSON.stringify({ name: 'many/tags', tags }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: stop };
}

function digestOfTag(name: string): string {
  return `sha256:${name.padStart(64, '0')}`;
}

test('help is there within 150 ms', async () => {
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) times.push((await measured('--help')).wallSeconds * 1000);
  times.sort((a, b) => a - b);
  // The best of the rounds: another process on the machine must not make the test fail.
  expect(times[0]).toBeLessThanOrEqual(150);
});
