import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../../test/kit/embedded.ts';
import { tempFolder } from '../../../test/kit/embedded-samples.ts';
import { pushSample } from '../../../test/kit/push-sample.ts';
import { Secret } from '../../kit/secret.ts';

const auth = Buffer.from('{"username":"ana","password":"hidden-word"}').toString('base64');

interface Hosts {
  readonly from: string;
  readonly to: string;
}

/** Each with what has to be at the destination afterwards. */
const samples: Readonly<
  Record<
    string,
    {
      readonly text: (hosts: Hosts) => string;
      readonly more?: (hosts: Hosts) => readonly string[];
      readonly there: readonly string[];
    }
  >
> = {
  regsync: {
    text: ({ from, to }) => `version: 1
x-shared: &shared {type: repository}
creds:
  - {registry: "${to}", user: ana, pass: '{{env "TARGET_WORD"}}'}
defaults: {interval: 2h, parallel: 4, digestTags: true, referrers: true}
sync:
  - {<<: *shared, source: ${from}/apps/web, target: ${to}/apps/web, tags: {semverRange: [">=2.0 <4.0"]}}
  - {<<: *shared, source: ${from}/apps/web, target: ${to}/apps/all, tags: {allow: ["v.*"], deny: ["v1.*"]}}
`,
    there: ['apps/all:v2.0', 'apps/all:v3.1', 'apps/all:v4.0', 'apps/web:v2.0', 'apps/web:v3.1'],
  },
  dregsy: {
    text: ({ from, to }) => `relay: skopeo
tasks:
  - name: web
    interval: 300
    source: {registry: ${from}, auth: none}
    target: {registry: ${to}, auth: ${auth}, skip-tls-verify: true}
    mappings: [{from: apps/web, to: mirror/web, platform: all, tags: ['semver: >=2.0.0', 'keep: latest 2']}]
`,
    there: ['mirror/web:v3.1', 'mirror/web:v4.0'],
  },
  skopeo: {
    text: ({ from }) => `${JSON.stringify(from)}:
  tls-verify: false
  images: {apps/web: [v3.1, v4.0], apps/db: []}
  images-by-semver: {apps/api: ">= 1.4.0"}
`,
    more: ({ to }) => ['--to', `${to}/mirror`],
    there: ['mirror/api:1.4.0', 'mirror/db:only', 'mirror/web:v3.1', 'mirror/web:v4.0'],
  },
  'image-syncer': {
    text: ({ from, to }) => `${from}/apps/db: ${to}/mirror/db
${from}/apps/web:v2.0,v3.1: ${to}/mirror/web:one,two
${from}/apps/web:/^v4/: [${to}/a/web, ${to}/b/web]
`,
    there: ['a/web:v4.0', 'b/web:v4.0', 'mirror/db:only', 'mirror/web:one', 'mirror/web:two'],
  },
};

test.each(Object.keys(samples))(
  'a file of %s runs as it is, runs once converted, and then changes nothing more',
  async (tool) => {
    const { text, more = () => [], there } = samples[tool]!;
    await using source = await startEmbedded();
    await using target = await startEmbedded({
      auth: { kind: 'basic', users: [{ name: 'ana', password: new Secret('hidden-word') }] },
    });
    await using folder = await tempFolder();
    for (const tag of ['v1.0', 'v2.0', 'v3.1', 'v4.0']) await pushSample(source, 'apps/web', tag, undefined);
    await pushSample(source, 'apps/db', 'only', undefined);
    await pushSample(source, 'apps/api', '1.3.0', undefined);
    await pushSample(source, 'apps/api', '1.4.0', undefined);
    const hosts = { from: source.host, to: target.host };
    const file = join(folder.path, 'foreign.yaml');
    await writeFile(file, text(hosts));
    await writeFile(join(folder.path, 'auth.yaml'), `"${target.host}": {username: ana, password: "\${TARGET_WORD}"}\n`);
    const docker = join(folder.path, 'config.json');
    await writeFile(
      docker,
      JSON.stringify({ auths: { [target.host]: { auth: Buffer.from('ana:hidden-word').toString('base64') } } }),
    );
    const env = { TARGET_WORD: 'hidden-word', REGISTRY_AUTH_FILE: docker };

    const asItIs = await tranship(['sync', '-c', file, ...more(hosts)], { env });
    expect(asItIs.code, asItIs.stderr).toBe(0);
    expect(tagsIn(target)).toEqual(there);
    expect(asItIs.stderr).not.toContain('hidden-word');

    const out = join(folder.path, 'tranship.yaml');
    const converted = await tranship(['convert', file, '-o', out, ...more(hosts)], { env });
    expect(converted.code, converted.stderr).toBe(0);
    expect(converted.stderr).toContain(`Read as a file of ${tool}.`);
    expect(await readFile(out, 'utf8')).not.toContain('hidden-word');
    const passwords = [...converted.stderr.matchAll(/Set the variable (\S+):/g)].map(([, name = '']) => [
      name,
      'hidden-word',
    ]);
    target.requests.length = 0;
    const again = await tranship(['sync', '-c', out], { env: { ...env, ...Object.fromEntries(passwords) } });
    expect(again.code, again.stderr).toBe(0);
    expect(target.seen(/^(?:PUT|POST|PATCH)/)).toEqual([]);
  },
);

/** `repository:tag` of everything that was pushed under a tag. */
function tagsIn({ seen }: EmbeddedRegistry): readonly string[] {
  const pushed = seen(/^PUT .*\/manifests\/(?!sha256:)/).map(({ url }) =>
    url.replace(/^\/v2\/(.*)\/manifests\/(.*)$/, '$1:$2'),
  );
  return [...new Set(pushed)].toSorted();
}

test('a file that nobody knows is refused with what is known', async () => {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, 'x.yaml'), 'a: 1\n');
  const done = await tranship(['convert', join(folder.path, 'x.yaml')]);
  expect([done.code, done.stderr]).toEqual([2, expect.stringMatching(/no form that is known.*Known are .*regsync/s)]);
});
