/** One file, two programs: what the tool itself copies, and what tranship copies when it is given the tool's file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from '../kit/embedded.ts';
import { pushSample } from '../kit/push-sample.ts';
import { runOk, transhipOk } from './kit/process.ts';
import { temporaryFolder } from './kit/storage.ts';
import { tool } from './kit/tools.ts';

const folder = temporaryFolder('foreign-files');
let source: EmbeddedRegistry;

const versions = ['1.2', 'v1.0.0', 'v1.2.0', 'v1.2.0-rc1', 'v1.2.5-alpine', 'v1.3.0', 'v2.0.0', 'v2.0.0-alpha', 'v2'];
const others = ['latest', 'edge', '3.12rc1', '2026.01.05', '1.2.3.4', '1.2.3_p1', 'v1.2.9_x', 'sha-abc'];

beforeAll(async () => {
  source = await startEmbedded();
  for (const tag of [...versions, ...others]) await pushSample(source, 'apps/web', tag, undefined);
  for (const [repository, tag] of [
    ['team-a/api', 'v1'],
    ['team-a/old-scratch', 'v1'],
    ['team-b/x', 'dev-1'],
    ['team-b/x', 'v2'],
  ] as const)
    await pushSample(source, repository, tag, undefined);
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** `repository:tag digest` of all that a registry holds. */
async function contentOf({ host }: EmbeddedRegistry): Promise<readonly string[]> {
  const crawled = JSON.parse(await transhipOk(['crawl', host, '-o', 'json'])) as {
    readonly tags: readonly { readonly repository: string; readonly tag: string; readonly digest: string }[];
  };
  return crawled.tags.map(({ repository, tag, digest }) => `${repository}:${tag} ${digest}`).toSorted();
}

interface Way {
  /** The file for a destination. */
  readonly text: (host: string) => string;
  readonly theirs: (file: string, host: string) => Promise<string>;
  readonly ours: (host: string) => readonly string[];
}

/** What both leave behind, each in a registry of its own. */
async function both({ text, theirs, ours }: Way) {
  await using one = await startEmbedded();
  await using other = await startEmbedded();
  const write = (name: string, host: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, text(host));
    return path;
  };
  await theirs(write('theirs.yaml', one.host), one.host);
  await transhipOk(['sync', '-c', write('ours.yaml', other.host), ...ours(other.host)], {
    env: { XDG_STATE_HOME: join(folder.path, other.host.replace(':', '-')) },
  });
  return { theirs: await contentOf(one), ours: await contentOf(other) };
}

const regsync = (entry: (hosts: { from: string; to: string }) => string): Way => ({
  text: (to) => `version: 1
creds: [{registry: "${source.host}", tls: disabled}, {registry: "${to}", tls: disabled}]
sync:
  - ${entry({ from: source.host, to })}
`,
  theirs: (file) => runOk(tool('regsync'), ['once', '-c', file, '-v', 'warn']),
  ours: () => [],
});

const ofWeb = (rules: string): Way =>
  regsync(({ from, to }) => `{source: "${from}/apps/web", target: "${to}/x", type: repository, ${rules}}`);

describe('regsync copies the same', () => {
  test.each(['^1.2.0', '~1.2', '>=1.2 <2', '1.2.0', '>1', '<=v1.3.0', '~1', '1', '>=2.0.0-alpha'])(
    'for the range %s',
    async (range) => {
      const { theirs, ours } = await both(ofWeb(`tags: {semverRange: ["${range}"]}`));
      expect(ours).toEqual(theirs);
      expect(theirs).not.toEqual([]);
    },
  );

  test.each([
    'tags: {allow: ["v1.*", latest], deny: [".*-.*"]}',
    'tagSets: [{allow: [edge]}, {semverRange: [">=1.2"], deny: [".*alpha.*"], allow: ["v.*"]}], tags: {allow: [latest]}',
    'tags: {deny: ["v.*"]}',
    'fastCheck: true',
  ])('for %s', async (rules) => {
    const { theirs, ours } = await both(ofWeb(rules));
    expect(ours).toEqual(theirs);
  });

  test('for a whole registry with exceptions, and for one image under another name', async () => {
    const whole = await both(
      regsync(
        ({ from, to }) =>
          `{source: "${from}", target: "${to}", type: registry, repos: {allow: ["team-.*"], deny: [".*-scratch"]}, tags: {deny: ["dev-.*"]}}`,
      ),
    );
    expect(whole.ours).toEqual(whole.theirs);
    expect(whole.theirs).toHaveLength(2);
    const one = await both(
      regsync(({ from, to }) => `{source: "${from}/apps/web:v1.0.0", target: "${to}/y:one", type: image}`),
    );
    expect(one.ours).toEqual(one.theirs);
  });
});

describe('skopeo copies the same', () => {
  test.each([
    'images: {apps/web: [latest, v1.0.0], team-a/api: []}',
    'images-by-tag-regex: {apps/web: "^v1\\\\.[23]", team-b/x: "v"}',
    'images-by-tag-regex: {apps/web: "(alpine|rc1)$"}',
  ])('for %s', async (settings) => {
    const { theirs, ours } = await both({
      text: () => `"${source.host}": {tls-verify: false, ${settings}}\n`,
      theirs: (file, host) =>
        runOk(tool('skopeo'), [
          ...['sync', '--all', '--src', 'yaml', '--dest', 'docker', '--dest-tls-verify=false'],
          ...[file, `${host}/mirror`],
        ]),
      ours: (host) => ['--to', `${host}/mirror`],
    });
    expect(ours).toEqual(theirs);
    expect(theirs).not.toEqual([]);
  });
});
