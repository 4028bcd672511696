/** What run-reposync did wrong and must not come back: the defects that are about the connection and about what is copied. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAuthority } from '../../../test/kit/certificates.ts';
import { tranship } from '../../../test/kit/command-line.ts';
import { layerOf } from '../../../test/kit/corpus/content.ts';
import { pushRepository } from '../../../test/kit/corpus/push.ts';
import { RepositoryBuilder } from '../../../test/kit/corpus/repository.ts';
import { type EmbeddedOptions, startEmbedded } from '../../../test/kit/embedded.ts';
import { tempFolder } from '../../../test/kit/embedded-samples.ts';
import { pushSample } from '../../../test/kit/push-sample.ts';
import { Secret } from '../../kit/secret.ts';

const env = { NAME: 'testuser', WORD: 'canary-word-71' };
const login = { name: env.NAME, password: env.WORD };
const auth = { kind: 'basic', users: [{ name: login.name, password: new Secret(login.password) }] } as const;

/** Two registries and a run of the original's command over them, with a home of its own. */
async function openStage({ source = {}, target = {} }: { source?: EmbeddedOptions; target?: EmbeddedOptions } = {}) {
  await using stack = new AsyncDisposableStack();
  const from = stack.use(await startEmbedded({ auth, ...source }));
  const to = stack.use(await startEmbedded({ auth, ...target }));
  const home = stack.use(await tempFolder());
  const folder = stack.use(await tempFolder());
  const held = stack.move();
  const registry = ({ host }: { host: string }, skip: boolean) =>
    `{url: "${host}", env_user: NAME, env_password: WORD, skip-tls-verify: ${skip}}`;
  return {
    from,
    to,
    home,
    async run({ tags = '[]', skipFrom = true, skipTo = true, args = [] as readonly string[] } = {}) {
      const file = join(folder.path, 'cfg.yaml');
      await writeFile(
        file,
        `registries: {a: ${registry(from, skipFrom)}, b: ${registry(to, skipTo)}}
stages: [{from: {source: a, repository: org/app}, to: [{destination: b, repository: mirror/app, tags: ${tags}}]}]
`,
      );
      return tranship(['compat', 'run-reposync', file, ...args], { env, home: home.path });
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

test('a listing heeds skip-tls-verify as a copy does', async () => {
  const authority = makeAuthority();
  await using stage = await openStage({ source: { tls: authority.issue(['IP:127.0.0.1']) } });
  await pushSample({ url: stage.from.url, ca: authority.cert }, 'org/app', 'v1', login);
  const done = await stage.run();
  expect(done.code, done.stderr).toBe(0);
  expect(done.stderr).toContain('copied=1');
});

test('the switch of one side does not count for the other', async () => {
  const tls = makeAuthority().issue(['IP:127.0.0.1']);
  await using stage = await openStage({ source: { tls } });
  const done = await stage.run({ skipFrom: false, skipTo: true });
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/E_TLS/);
  expect(stage.to.seen(/^(?:PUT|POST|PATCH)/)).toEqual([]);
});

test('no password in a login file, in a temporary file or in anything that is printed', async () => {
  await using stage = await openStage();
  await pushSample(stage.from, 'org/app', 'v1', login);
  const done = await stage.run({ args: ['--debug'] });
  expect(done.code, done.stderr).toBe(0);
  expect(done.stdout + done.stderr).not.toContain(env.WORD);
  expect(await stage.home.files()).toEqual([]);
});

test('signatures come along with their image: by cosign’s tag and as referrers, with all tags and with named ones', async () => {
  for (const tags of ['[]', '["v1"]']) {
    await using stage = await openStage();
    const builder = new RepositoryBuilder('org/app');
    const image = builder.image({ os: 'linux', architecture: 'amd64' }, [layerOf(Buffer.from('content'))], {
      tags: ['v1'],
    });
    const signature = image.digest.replace(':', '-');
    builder.image({ os: 'linux', architecture: 'amd64' }, [layerOf(Buffer.from('signature'))], {
      tags: [`${signature}.sig`],
    });
    const authorization = `Basic ${Buffer.from(`${login.name}:${login.password}`).toString('base64')}`;
    await pushRepository({ url: stage.from.url, authorization }, builder.done());
    const done = await stage.run({ tags });
    expect(done.code, done.stderr).toBe(0);
    expect(stage.to.seen(/^PUT .*\/manifests\/sha256-.*\.sig/)).not.toEqual([]);
  }
});

test('neither a file nor --tracebacks-file has to be named', async () => {
  const done = await tranship(['compat', 'run-reposync'], { env });
  expect(done.code).toBe(2);
  // Only the usual files are missing, which a container brings.
  expect(done.stderr).toMatch(/can't open 'sync-cfg\.yaml'/);
  expect(done.stderr).not.toContain('tracebacks');
});

test('every platform arrives under the same digest, though a registry stumbles once', async () => {
  await using stage = await openStage();
  const digest = await pushSample(stage.from, 'org/app', 'v1-error', login);
  let stumbled = 0;
  stage.to.personality.answer = ({ method, url = '' }) =>
    method === 'PUT' && url.includes('/manifests/') && stumbled++ === 0
      ? { status: 503, headers: { 'retry-after': '0' } }
      : undefined;
  const done = await stage.run();
  expect(done.code, done.stderr).toBe(0);
  expect(stumbled).toBeGreaterThan(1);
  expect(stage.to.seen(new RegExp(`^PUT .*/manifests/(?:v1-error|${digest})`)).length).toBeGreaterThan(0);
  expect((await stage.run()).stderr).toContain('same-digest=1');
  expect(await readdir(stage.home.path)).toEqual([]);
});

test.each<[string, string | Uint8Array, RegExp]>([
  ['a file without end', `#${'x'.repeat(2 ** 20)}`, /larger than 1 MiB/],
  ['a file in another encoding', Buffer.from('registries: é', 'latin1'), /it is not UTF-8/],
  ['an empty file', '', /it is empty/],
  ['a list', '- a\n', /a mapping is expected here, not a list/],
  ['a tab', 'registries:\n\ta: {}\n', /:2:1: a tab indents here/],
  ['a bomb of aliases', bomb(), /far larger than it looks/],
  ['nothing but brackets', '['.repeat(100_000), /nested too deeply/],
  ['two documents', 'registries: {}\n---\nstages: []\n', /a second document begins here/],
  ['a key twice', 'stages: []\nstages: []\n', /a second time/],
])('%s: one readable report, and exit 1 as the original', async (_name, content, words) => {
  await using folder = await tempFolder();
  const file = join(folder.path, 'cfg.yaml');
  await writeFile(file, content);
  const done = await tranship(['compat', 'run-reposync', file, '--verify-only'], { env });
  expect(done.code, done.stderr).toBe(1);
  expect(done.stderr).toMatch(words);
  expect(done.stderr).toMatch(/^ERROR: The configuration has /);
});

function bomb(): string {
  const rows = [...'bcdefghi'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join()}]`);
  return ['a: &a [x,x,x,x,x,x,x,x,x]', ...rows].join('\n');
}
