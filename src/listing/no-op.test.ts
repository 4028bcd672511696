/** What it costs to find out that nothing is to be done, with both sides joined as the program joins them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTestClient, repositoryName, tagName, withPassword } from '../../test/kit/client.ts';
import { startHarbor } from '../../test/kit/doubles/harbor.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { fill } from '../../test/kit/filled.ts';
import { type FakeQuay, startFakeQuay } from '../../test/kit/quay/index.ts';
import { loadIntent } from '../compose/intent.ts';
import { carryOut, openSync } from '../compose/sync.ts';
import { digestOf } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-type.ts';

const tags = Array.from({ length: 1000 }, (_, at) => tagName(`v${at}`));

async function sync(folder: string, text: string, env: Readonly<Record<string, string>> = {}) {
  const file = join(folder, 'tranship.yaml');
  await writeFile(file, text);
  await using run = await openSync(await loadIntent(file, { env }), { env });
  return (await carryOut(run, {})).report;
}

/** The token of the first user, who may do everything. */
async function firstToken(quay: FakeQuay): Promise<string> {
  const answer = await fetch(`${quay.url}/api/v1/user/initialize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'admin-password', email: 'a@example.com', access_token: true }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function pushTags(quay: FakeQuay, token: string): Promise<void> {
  await using client = openTestClient(quay.host, { credentials: withPassword('$oauthtoken', token) });
  const repository = client.registry.repository(repositoryName('admin/api'));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] }));
  const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
  await repository.pushManifest({ descriptor, bytes }, tags);
}

test('a thousand tags that are the same on two Quays cost at most thirty requests, and none of a manifest', async () => {
  await using folder = await tempFolder();
  await using source = await startFakeQuay();
  await using destination = await startFakeQuay();
  const tokens = { source: await firstToken(source), destination: await firstToken(destination) };
  await pushTags(source, tokens.source);
  await pushTags(destination, tokens.destination);
  source.clearLog();
  destination.clearLog();
  const side = (quay: FakeQuay, token: string) =>
    `{url: "http://${quay.host}", kind: quay, api: {token: {env: ${token}}}, credentials: {username: $oauthtoken, password: {env: ${token}}}}`;
  const report = await sync(
    folder.path,
    `version: 1
registries:
  from: ${side(source, 'FROM')}
  to: ${side(destination, 'TO')}
stages:
  - from: {registry: from, repository: admin/api}
    to: [{registry: to, repository: admin/api}]
`,
    { FROM: tokens.source, TO: tokens.destination },
  );
  expect([report.items, report.totals.same, report.warnings]).toEqual([[], 1000, []]);
  const asked = [...source.requests, ...destination.requests].map(({ method, path }) => `${method} ${path}`);
  expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(30);
  expect(asked.filter((line) => line.includes('/manifests/'))).toEqual([]);
  expect([...source.writes, ...destination.writes]).toEqual([]);
}, 60_000);

test('a missing project is made at a Harbor before the push, and a second run neither makes nor writes anything', async () => {
  await using folder = await tempFolder();
  await using source = await startHarbor();
  await using destination = await startHarbor();
  await fill(source, 'corpus/multi');
  const text = `version: 1
registries:
  from: {url: "${source.host}", kind: harbor}
  to: {url: "${destination.host}", kind: harbor}
stages:
  - from: {registry: from, repositories: ["corpus/*"]}
    to: [{registry: to, repository: "fresh/{name}", create: true, visibility: public}]
`;
  await sync(folder.path, text);
  expect([...destination.projects]).toEqual([['fresh', 'public']]);
  const both = (name: string) => destination.shelf.tags(name).map((tag) => [tag.name, tag.digest]);
  expect(both('fresh/multi')).toEqual(source.shelf.tags('corpus/multi').map((tag) => [tag.name, tag.digest]));
  source.forget();
  destination.forget();
  await sync(folder.path, text);
  const asked = [...source.asked(), ...destination.asked()];
  expect(asked.filter((line) => /^(PUT|POST|PATCH|DELETE) |\/manifests\//.test(line))).toEqual([]);
});
