import { type Case, each, group } from '../case.ts';
import { freshBlob, manifestOf, mediaTypes } from '../content.ts';
import { expectRefused, expectStatus } from '../expect.ts';
import { image } from '../samples.ts';
import { commit, pushBlob, pushParts, putManifest, startUpload, tagsIn } from '../steps.ts';

const badNames = [
  'UPPER/case',
  '-dash/first',
  'dash/last-',
  'two..dots/x',
  'a___b/x',
  '.hidden/x',
  'sp%20ace/x',
  'a%2F..%2Fb/x',
  'null%00byte/x',
  'a/../b/x',
  'ümlaut/x',
  `${'x'.repeat(5000)}/x`,
] as const;

const badRanges = ['bytes 0-9', '0', '9-0', 'a-b', '-1-8', '0-9/10', '0-99999999999999999999'] as const;

/** JSON that is well-formed and no manifest, or one that two readers could take for two things. */
const oddManifests: readonly (readonly [string, string])[] = [
  ['a number', '7'],
  ['a deeply nested list', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['the keys of an image and of an index', '{"schemaVersion":2,"config":{},"layers":[],"manifests":[]}'],
  [
    'a negative size',
    JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: -1 },
      layers: [],
    }),
  ],
  ['bytes that are no UTF-8', '{"schemaVersion":2,"x":"\ufffd'],
];

/** What no client of good will sends. The rule for all of it: blamed on the request, never a server error, never a hang. */
export const malformed: readonly Case[] = group('malformed', {
  ...each(
    badNames,
    (name) => `upload to repository ${name.slice(0, 20)}`,
    async (registry, name) => {
      expectRefused(await registry.send({ method: 'POST', path: `/v2/${encodeURI(decodeOnce(name))}/blobs/uploads/` }));
    },
  ),
  ...each(
    badNames,
    (name) => `pull from repository ${name.slice(0, 20)}`,
    async (registry, name) => {
      expectRefused(
        await registry.send({ method: 'GET', path: `/v2/${encodeURI(decodeOnce(name))}/manifests/latest` }),
      );
    },
  ),
  ...each(
    badRanges,
    (range) => `chunk with Content-Range ${range}`,
    async (registry, range) => {
      const path = await startUpload(registry, registry.repository());
      const headers = { 'content-range': range };
      expectRefused(await registry.send({ method: 'PATCH', path, headers, body: freshBlob(10).bytes }));
    },
  ),
  ...each(
    oddManifests,
    ([what]) => `manifest that is ${what}`,
    async (registry, [, text]) => {
      expectRefused(await putManifest(registry, registry.repository(), 'odd', manifestOf(mediaTypes.image, text)));
    },
  ),
  async 'chunk whose Content-Range is longer than its body'(registry) {
    const path = await startUpload(registry, registry.repository());
    const headers = { 'content-range': '0-99' };
    expectRefused(await registry.send({ method: 'PATCH', path, headers, body: freshBlob(10).bytes }));
  },
  async 'upload session that never was'(registry) {
    const path = `/v2/${registry.repository()}/blobs/uploads/00000000-0000-4000-8000-000000000000`;
    for (const method of ['GET', 'PATCH', 'DELETE']) expectRefused(await registry.send({ method, path }));
    expectRefused(await commit(registry, path, freshBlob(1).digest, freshBlob(1).bytes));
  },
  async 'upload session whose id is a path'(registry) {
    const path = `/v2/${registry.repository()}/blobs/uploads/..%2f..%2f..%2fetc%2fpasswd`;
    for (const method of ['GET', 'PATCH', 'DELETE']) expectRefused(await registry.send({ method, path }));
  },
  async 'upload session of another repository'(registry) {
    const [mine, theirs] = [registry.repository(), registry.repository()];
    const location = await startUpload(registry, mine);
    const blob = freshBlob(10);
    expectRefused(await commit(registry, location.replace(mine, theirs), blob.digest, blob.bytes));
  },
  async 'commit with two digests'(registry) {
    const [one, two] = [freshBlob(10), freshBlob(10)];
    const repository = registry.repository();
    const location = await startUpload(registry, repository);
    const answer = await commit(
      registry,
      `${location}${location.includes('?') ? '&' : '?'}digest=${one.digest}`,
      two.digest,
      one.bytes,
    );
    if (answer.status !== 201) expectRefused(answer);
    expectStatus(await registry.send({ method: 'HEAD', path: `/v2/${repository}/blobs/${two.digest}` }), 404);
  },
  async 'traversal behind the base'(registry) {
    for (const path of [
      '/v2/../../../../etc/passwd',
      '/v2/..%2f..%2fetc%2fpasswd',
      '/v2//blobs//',
      '/v2/x/blobs/../../../etc/passwd',
    ]) {
      expectRefused(await registry.send({ method: 'GET', path }));
    }
  },
  async 'percent sign without digits'(registry) {
    expectRefused(await registry.send({ method: 'GET', path: '/v2/a%/manifests/latest' }));
  },
  async 'percent signs that are no UTF-8'(registry) {
    expectRefused(await registry.send({ method: 'GET', path: '/v2/a/manifests/%ff%fe' }));
  },
  async 'query of sixteen thousand characters'(registry) {
    const path = `/v2/${registry.repository()}/tags/list?last=${'x'.repeat(14_000)}`;
    const answer = await registry.send({ method: 'GET', path });
    if (answer.status === 200) tagsIn(answer);
    else expectRefused(answer);
  },
  async 'manifest without a Content-Type is typed by its own field, or refused'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    const answer = await registry.send({
      method: 'PUT',
      path: `/v2/${repository}/manifests/untyped`,
      body: manifest.bytes,
    });
    if (answer.status !== 201) expectRefused(answer);
  },
  async 'manifest under a type that is none'(registry) {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    expectRefused(await putManifest(registry, repository, 'typed', { ...manifest, mediaType: 'text/html' }));
  },
  async 'manifest with a key __proto__ is data, or refused'(registry) {
    const [repository, frame] = [registry.repository(), image()];
    const text = frame.bytes.toString().replace('{', '{"__proto__":{"layers":[]},');
    await pushParts(registry, repository, frame);
    const answer = await putManifest(registry, repository, 'proto', manifestOf(mediaTypes.image, text));
    if (answer.status !== 201) expectRefused(answer);
  },
  async 'the registry still works after all of this'(registry) {
    await pushBlob(registry, registry.repository(), freshBlob());
    expectStatus(await registry.send({ method: 'GET', path: '/v2/' }), 200);
  },
});

/** Percent signs stay as they are written; letters beyond ASCII are encoded for the wire. */
function decodeOnce(name: string): string {
  return name.replaceAll('%', '\u0001').normalize().replaceAll('\u0001', '%');
}
