/** Files of other tools, run as they are: what only shows against registries. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAuthority } from '../../../test/kit/certificates.ts';
import { tranship } from '../../../test/kit/command-line.ts';
import { startEmbedded } from '../../../test/kit/embedded.ts';
import { tempFolder } from '../../../test/kit/embedded-samples.ts';
import { pushSample } from '../../../test/kit/push-sample.ts';
import { loadIntent } from '../../compose/intent.ts';

async function workplace() {
  await using stack = new AsyncDisposableStack();
  const source = stack.use(await startEmbedded());
  const target = stack.use(await startEmbedded());
  const folder = stack.use(await tempFolder());
  const held = stack.move();
  return {
    source,
    target,
    folder: folder.path,
    async write(text: string, name = 'foreign.yaml'): Promise<string> {
      const path = join(folder.path, name);
      await writeFile(path, text);
      return path;
    },
    digest: async (reference: string) => (await tranship(['digest', reference])).stdout.trim(),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

test.each<[string, (hosts: { from: string; to: string; digest: string }) => string, string]>([
  [
    'skopeo',
    ({ from, digest }) => `${JSON.stringify(from)}: {images: {apps/web: ["${digest}"]}}\n`,
    'mirror/web:digest-',
  ],
  [
    'regsync',
    ({ from, to, digest }) =>
      `sync: [{source: "${from}/apps/web@${digest}", target: "${to}/apps/web:pinned", type: image}]\n`,
    'apps/web:pinned',
  ],
  ['image-syncer', ({ from, to, digest }) => `${from}/apps/web@${digest}: ${to}/apps/web\n`, 'apps/web:digest-'],
  [
    'dregsy',
    ({ from, to, digest }) =>
      `relay: skopeo\ntasks: [{name: x, source: {registry: "${from}"}, target: {registry: "${to}"}, mappings: [{from: apps/web, platform: all, tags: ['old@${digest}']}]}]\n`,
    'apps/web:old',
  ],
])(
  '%s: an image by its digest gets a name and that content, although its tag moved on',
  async (_tool, text, expected) => {
    await using at = await workplace();
    const digest = await pushSample(at.source, 'apps/web', 'v1', undefined, 'as it was');
    await pushSample(at.source, 'apps/web', 'v1', undefined, 'as it is');
    const file = await at.write(text({ from: at.source.host, to: at.target.host, digest }));
    const done = await tranship(['sync', '-c', file, '--to', `${at.target.host}/mirror`]);
    expect(done.code, done.stderr).toBe(0);
    const name = expected.endsWith('-') ? `${expected}${digest.slice(7, 19)}` : expected;
    expect(await at.digest(`${at.target.host}/${name}`)).toBe(digest);
  },
);

test('regsync: through a layout on a disk, there and back', async () => {
  await using at = await workplace();
  const digest = await pushSample(at.source, 'tools/cli', 'v1', undefined);
  const out = `sync: [{source: "${at.source.host}/tools/cli", target: "ocidir://disk/cli", type: repository}]\n`;
  const filled = await tranship(['sync', '-c', await at.write(out)]);
  expect(filled.code, filled.stderr).toBe(0);
  const back = `sync: [{source: "ocidir://disk/cli:v1", target: "${at.target.host}/cli:v1", type: image}]\n`;
  const read = await tranship(['sync', '-c', await at.write(back)]);
  expect(read.code, read.stderr).toBe(0);
  expect(await at.digest(`${at.target.host}/cli:v1`)).toBe(digest);
});

test('skopeo: the certificates of `cert-dir` are used, and without them the registry is not trusted', async () => {
  const authority = makeAuthority();
  await using at = await workplace();
  await using secure = await startEmbedded({ tls: authority.issue(['IP:127.0.0.1']) });
  const digest = await pushSample({ url: secure.url, ca: authority.cert }, 'apps/web', 'v1', undefined);
  const certificates = join(at.folder, 'certs.d');
  await mkdir(certificates);
  await writeFile(join(certificates, 'ca.crt'), authority.cert);
  const text = (more: string) => `${JSON.stringify(secure.host)}: {images: {apps/web: [v1]}${more}}\n`;
  const bare = await tranship(['sync', '-c', await at.write(text('')), '--to', at.target.host]);
  expect(bare.stdout + bare.stderr).toMatch(/E_TLS/);
  const trusted = await tranship([
    'sync',
    '-c',
    await at.write(text(`, cert-dir: ${certificates}`)),
    '--to',
    at.target.host,
  ]);
  expect(trusted.code, trusted.stderr).toBe(0);
  expect(await at.digest(`${at.target.host}/web:v1`)).toBe(digest);
});

test.each<[string, string]>([
  ['skopeo', 'lab.example.com: {images: {x: [v1]}, tls-verify: false}\n'],
  [
    'dregsy',
    'relay: skopeo\ntasks: [{name: x, source: {registry: lab.example.com, skip-tls-verify: true}, target: {registry: b.example.com}, mappings: [{from: x}]}]\n',
  ],
  ['image-syncer', 'auth: {lab.example.com: {insecure: true}}\nimages: {lab.example.com/x: b.example.com/x}\n'],
  [
    'run-reposync',
    'registries: {lab.example.com: {url: lab.example.com, env_user: null, env_password: null, skip-tls-verify: true}}\nstages: [{from: {source: lab.example.com, repository: x}, to: [{destination: lab.example.com, repository: y, tags: [v1]}]}]\n',
  ],
])('%s: whoever skips certificates may speak plain HTTP, and nobody else', async (_tool, text) => {
  await using at = await workplace();
  const { registries } = (await loadIntent(await at.write(text), { destination: 'b.example.com' })).config;
  expect(registries['lab.example.com']).toMatchObject({ mayBePlainHttp: true, plainHttp: false });
  expect(registries['b.example.com']?.mayBePlainHttp).toBeUndefined();
});

test('regsync: `tls: insecure` skips certificates and does not mean plain HTTP', async () => {
  await using at = await workplace();
  const text =
    'creds: [{registry: lab.example.com, tls: insecure}]\nsync: [{source: lab.example.com/x, target: b.example.com/x, type: repository}]\n';
  const { registries } = (await loadIntent(await at.write(text), {})).config;
  expect(registries['lab.example.com']).toEqual({ host: 'lab.example.com', plainHttp: false, tls: { insecure: true } });
});

test('skopeo: a plan of its file is saved, applied, verified, and found to be done', async () => {
  await using at = await workplace();
  await pushSample(at.source, 'apps/web', 'v1', undefined);
  const file = await at.write(`${JSON.stringify(at.source.host)}: {images: {apps/web: [v1]}, tls-verify: false}\n`);
  const [saved, to] = [join(at.folder, 'plan.json'), ['--to', `${at.target.host}/mirror`]];
  for (const args of [
    ['plan', '-c', file, '--save', saved, ...to],
    ['apply', saved, ...to],
    ['verify', '-c', file, ...to],
    ['plan', '-c', file, '--exit-code', ...to],
  ]) {
    const done = await tranship(args);
    expect(done.code, `${args[0]}: ${done.stderr}`).toBe(0);
  }
});
