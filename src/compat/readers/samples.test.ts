import { expect, test } from 'vitest';
import { readConfig } from '../../config/load.ts';
import type { Config } from '../../config/types.ts';
import type { TagName } from '../../oci/names.ts';
import { selectTags } from '../../select/tags.ts';
import { configOf, readForeign } from '../foreign.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { writeNative } from '../write.ts';

/** Reads a sample, and reads again what `convert` prints: both must mean the same. */
async function read(text: string, io: Partial<ForeignIo> = {}): Promise<ForeignIntent & { config: Config }> {
  const intent = await readForeign(text, 'sample.yaml', { env: {}, readText: async () => undefined, ...io });
  if (intent === undefined) throw new Error('the sample was not recognised');
  const config = configOf(intent.file, 'sample.yaml');
  expect(readConfig(writeNative(intent), 'tranship.yaml').config).toStrictEqual(config);
  return { ...intent, config };
}

function taken(config: Config, stage: number, tags: readonly string[]): readonly string[] {
  const rules = config.stages[stage]?.tags;
  if (rules === undefined) throw new Error('no such stage');
  return selectTags(
    tags.map((tag) => ({ tag: tag as TagName })),
    rules,
    { now: 0 },
  ).kept;
}

function said({ differences }: ForeignIntent): string {
  return differences.map(({ weight, where, message }) => `${weight} ${where} ${message}`).join('\n');
}

const samples = {
  regsync: `version: 1
creds: [{registry: src.example.net, user: "{{env \\"SRC_USER\\"}}", pass: "{{file \\"/run/secrets/src\\"}}"}]
defaults: {interval: 2h, parallel: 4, digestTags: true, referrers: true}
sync:
  - {source: src.example.net/apps/web, target: dst.example.net/apps/web, type: repository, tags: {semverRange: [">=2.0 <4.0"]}}
`,
  skopeo: `src.example.net:
  tls-verify: true
  images: {apps/web: [v3, v4], apps/db: []}
  images-by-semver: {apps/api: ">= 1.4.0"}
`,
  dregsy: `relay: skopeo
tasks:
  - name: web
    interval: 300
    source: {registry: src.example.net, auth: none}
    target: {registry: dst.example.net, auth: ${Buffer.from('{"username":"ana","password":"hidden-word"}').toString('base64')}}
    mappings: [{from: apps/web, to: mirror/web, platform: all, tags: ['semver: >=2.0.0', 'keep: latest 3']}]
`,
  imageSyncer: `src.example.net/apps/web: dst.example.net/mirror/web
src.example.net/apps/web:v1,v2: dst.example.net/mirror/web:one,two
src.example.net/apps/api:/^v3/: [dst.example.net/a/api, dst.example.net/b/api]
`,
};

test('regsync: a repository with a version range, its login from a variable and a file', async () => {
  const intent = await read(samples.regsync);
  expect(intent.tool).toBe('regsync');
  expect(intent.config.registries['src.example.net']).toStrictEqual({
    host: 'src.example.net',
    plainHttp: false,
    credentials: { username: { env: 'SRC_USER' }, password: { file: '/run/secrets/src' } },
  });
  expect(taken(intent.config, 0, ['v1.9', 'v2.0', '3.9.1', 'v4.0', 'latest', '3.0-rc1'])).toStrictEqual([
    'v2.0',
    '3.9.1',
    // In its ranges pre-releases are versions like others.
    '3.0-rc1',
  ]);
  expect(said(intent)).toContain('timer');
});

test('skopeo: named tags, all tags and a version range go below the destination by the last part of their name', async () => {
  const intent = await read(samples.skopeo, { destination: 'dst.example.net/mirror' });
  expect(intent.config.stages.map(({ to }) => to[0]?.repository)).toStrictEqual(
    ['mirror/web', 'mirror/db', 'mirror/api'].map((template) => ({ template })),
  );
  expect(taken(intent.config, 0, ['v2', 'v3', 'v4', 'v5'])).toStrictEqual(['v3', 'v4']);
  expect(taken(intent.config, 1, ['anything'])).toStrictEqual(['anything']);
  expect(taken(intent.config, 2, ['1.3.9', '1.4.0', '2.0.0'])).toStrictEqual(['1.4.0', '2.0.0']);
});

test('skopeo, scoped: host and path stay in the name', async () => {
  const { config } = await read(samples.skopeo, { destination: 'dst.example.net', scoped: true });
  expect(config.stages[0]?.to[0]?.repository).toStrictEqual({ template: 'src.example.net/apps/web' });
});

test('skopeo without a destination says how to name one', async () => {
  await expect(read(samples.skopeo)).rejects.toThrow(/names no destination.*--to HOST/);
});

test('dregsy: the three newest versions, and the password leaves the file', async () => {
  const intent = await read(samples.dregsy);
  expect(taken(intent.config, 0, ['v1.0.0', '2.0.0', '2.1.0', '2.2.0', '2.3.0'])).toStrictEqual([
    '2.1.0',
    '2.2.0',
    '2.3.0',
  ]);
  expect(intent.config.registries['src.example.net']?.credentials).toBe('anonymous');
  expect(intent.config.registries['dst.example.net']?.credentials).toStrictEqual({
    username: 'ana',
    password: { env: 'PASSWORD_DST_EXAMPLE_NET_ANA' },
  });
  expect(intent.secrets.get('PASSWORD_DST_EXAMPLE_NET_ANA')?.reveal()).toBe('hidden-word');
  expect(writeNative(intent)).not.toContain('hidden-word');
});

test('image-syncer: all tags, renamed tags, and an expression to two places that read the source once', async () => {
  const { config } = await read(samples.imageSyncer);
  expect(config.stages).toHaveLength(4);
  expect(config.stages[1]?.to[0]?.tag).toStrictEqual({ template: 'one' });
  expect(config.stages[2]?.to[0]?.tag).toStrictEqual({ template: 'two' });
  expect(config.stages[3]?.to.map(({ repository }) => repository)).toStrictEqual([
    { template: 'a/api' },
    { template: 'b/api' },
  ]);
  expect(taken(config, 3, ['v2', 'v3', 'v3.1', 'xv3'])).toStrictEqual(['v3', 'v3.1']);
});

export { samples };
