import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../../test/kit/embedded.ts';
import { type TempFolder, tempFolder } from '../../../test/kit/embedded-samples.ts';
import { pushSample } from '../../../test/kit/push-sample.ts';
import { Secret } from '../../kit/secret.ts';

interface Stage extends AsyncDisposable {
  readonly hub: EmbeddedRegistry;
  readonly master: EmbeddedRegistry;
  readonly staging: EmbeddedRegistry;
  readonly aws: EmbeddedRegistry;
  readonly folder: TempFolder;
  run(config: string, ...args: string[]): ReturnType<typeof tranship>;
}

const env = { NAME: 'testuser', WORD: 'test-password' };
const login = { name: env.NAME, password: env.WORD };

async function openStage(): Promise<Stage> {
  const registry = () =>
    startEmbedded({ auth: { kind: 'basic', users: [{ name: 'testuser', password: new Secret('test-password') }] } });
  const [hub, master, staging, aws] = await Promise.all([registry(), registry(), registry(), registry()]);
  const folder = await tempFolder();
  return {
    hub,
    master,
    staging,
    aws,
    folder,
    async run(config, ...args) {
      const file = join(folder.path, 'cfg.yaml');
      await writeFile(file, config);
      return tranship(
        [
          'compat',
          'run-reposync',
          ...(args.includes('-c') ? [] : [file]),
          ...args.map((arg) => (arg === 'FILE' ? file : arg)),
        ],
        { env },
      );
    },
    async [Symbol.asyncDispose]() {
      for (const one of [hub, master, staging, aws, folder]) await one[Symbol.asyncDispose]();
    },
  };
}

function registriesOf({ hub, master, staging, aws }: Stage): string {
  const one = (key: string, { host }: EmbeddedRegistry) =>
    `  ${key}: {url: "${host}", env_user: NAME, env_password: WORD, skip-tls-verify: true}`;
  return ['registries:', one('hub', hub), one('master', master), one('staging', staging), one('aws', aws), ''].join(
    '\n',
  );
}

const stages = `stages:
  - from: {source: hub, repository: org/sleeper}
    to:
      - {destination: master, repository: simple/sleeper, tags: []}
      - {destination: staging, repository: simple/sleeper, tags: ["1.0.0"]}
      - {destination: aws, repository: other/sleeper, tags: ["0.0.1", "1.0.0"]}
    id: not-required
  - from: {source: hub, repository: org/sleeper}
    to: [{destination: master, repository: simple/sleeper, tags: []}]
    id: before
  - from: {source: master, repository: simple/sleeper}
    to: [{destination: staging, repository: late/sleeper, tags: ["1.0.0"]}]
    depends_on: [before]
`;

function writes(...registries: readonly EmbeddedRegistry[]): readonly string[] {
  return registries.flatMap(({ seen }) =>
    seen(/^(?:PUT|POST|PATCH|DELETE)/).map(({ method, url }) => `${method} ${url}`),
  );
}

test('the usual example: everything arrives, and a second run writes nothing and reads no manifest', async () => {
  await using stage = await openStage();
  const { hub, master, staging, aws } = stage;
  for (const tag of ['0.0.1', '1.0.0', '2.0.0']) await pushSample(hub, 'org/sleeper', tag, login);
  const config = registriesOf(stage) + stages;

  const checked = await stage.run(config, '-c', 'FILE', '--verify-only');
  expect(checked.stderr).toContain('Configuration is OK, closing gracefully.');
  expect(checked.code).toBe(0);
  expect(writes(master, staging, aws)).toEqual([]);

  const first = await stage.run(config, '-c', 'FILE');
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toContain('✅');
  expect(first.stderr).toContain('hub/org/sleeper:1.0.0 --> aws/other/sleeper:1.0.0 #not-required — copied');
  expect(first.stderr).toContain('master/simple/sleeper:1.0.0 --> staging/late/sleeper:1.0.0 #stage-3 — copied');
  expect(first.stderr).toContain('failed=0');
  expect(first.stdout).toContain('Image sync took: 0:00:0');
  expect(first.stderr).not.toContain('test-password');

  for (const { requests } of [hub, master, staging, aws]) requests.length = 0;
  const second = await stage.run(config, '-c', 'FILE');
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr).toContain('Run statistics: total=10, copied=0, same-digest=10, failed=0');
  expect(second.stderr).toContain("Generated '10' sync tasks.");
  expect(second.stderr).toContain('Copied images (0):\n  (none)');
  expect(writes(hub, master, staging, aws)).toEqual([]);
  for (const registry of [hub, master, staging, aws]) expect(registry.seen(/^GET .*\/manifests\//)).toEqual([]);
});

test('a source that is not there fails its own tasks; later stages run all the same (defects 1, 4)', async () => {
  await using stage = await openStage();
  await pushSample(stage.hub, 'org/sleeper', '1.0.0', login);
  const config = `${registriesOf(stage)}stages:
  - {id: broken, from: {source: hub, repository: org/gone}, to: [{destination: master, repository: gone, tags: []}]}
  - {id: half, from: {source: hub, repository: org/sleeper}, to: [{destination: master, repository: half, tags: ["1.0.0", "9.9.9"]}], depends_on: [broken]}
  - {id: after, from: {source: master, repository: half}, to: [{destination: staging, repository: after, tags: ["1.0.0"]}], depends_on: [half]}
`;
  const tracebacks = join(stage.folder.path, 'deep', 'er', 'errors.txt');
  const done = await stage.run(config, '--tracebacks-file', tracebacks);
  expect(done.code).toBe(1);
  expect(done.stderr).toContain('master/half:1.0.0 --> staging/after:1.0.0 #after — copied');
  expect(done.stderr).toMatch(/ERROR: ❌ \[.*\] hub\/org\/sleeper:9\.9\.9 --> master\/half:9\.9\.9 #half — error: E_/);
  const text = await readFile(tracebacks, 'utf8');
  expect(text.match(/^=== .* ===$/gm)).toEqual([
    '=== hub/org/gone:* --> master/gone:* #broken ===',
    '=== hub/org/sleeper:9.9.9 --> master/half:9.9.9 #half ===',
  ]);
  expect(text).toMatch(/\n\n=== hub\/org\/sleeper/);
  expect(done.stderr).toContain(`Tracebacks written to: ${tracebacks} (sorted by task_id)`);
});

test('without a failure the file of tracebacks is there, and empty', async () => {
  await using stage = await openStage();
  await pushSample(stage.hub, 'org/sleeper', '1.0.0', login);
  const tracebacks = join(stage.folder.path, 'errors.txt');
  const config = `${registriesOf(stage)}stages: [{from: {source: hub, repository: org/sleeper}, to: [{destination: aws, repository: a, tags: []}]}]`;
  expect((await stage.run(config, '--tracebacks-file', tracebacks)).code).toBe(0);
  expect(await readFile(tracebacks, 'utf8')).toBe('');
});

test('a stage before its dependency in the file still runs after it, and sees what it wrote (defects 2, 3)', async () => {
  await using stage = await openStage();
  await pushSample(stage.hub, 'org/sleeper', '1.0.0', login);
  const config = `${registriesOf(stage)}stages:
  - {id: c, from: {source: staging, repository: b}, to: [{destination: aws, repository: c, tags: []}], depends_on: [b]}
  - {id: b, from: {source: master, repository: a}, to: [{destination: staging, repository: b, tags: []}], depends_on: [a]}
  - {id: a, from: {source: hub, repository: org/sleeper}, to: [{destination: master, repository: a, tags: []}]}
`;
  const done = await stage.run(config);
  expect(done.code, done.stderr).toBe(0);
  expect(done.stderr).toContain('staging/b:1.0.0 --> aws/c:1.0.0 #c — copied');
});

test('explicit tags only: an empty list copies nothing, and who waits for it is not held up', async () => {
  await using stage = await openStage();
  await pushSample(stage.hub, 'org/sleeper', '1.0.0', login);
  const config = `${registriesOf(stage)}stages:
  - {id: a, from: {source: hub, repository: org/sleeper}, to: [{destination: master, repository: a, tags: []}]}
  - {id: b, from: {source: hub, repository: org/sleeper}, to: [{destination: master, repository: b, tags: ["1.0.0"]}], depends_on: [a]}
`;
  const done = await stage.run(config, '--use-explicit-tags');
  expect(done.code, done.stderr).toBe(0);
  expect(done.stderr).toContain('Run statistics: total=1, copied=1');
  expect(writes(stage.master).some((line) => line.includes('/v2/a/'))).toBe(false);
});
