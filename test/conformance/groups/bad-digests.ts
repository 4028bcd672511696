import { type Case, each, group } from '../case.ts';
import { freshBlob } from '../content.ts';
import { expectRefused, expectStatus } from '../expect.ts';
import { image } from '../samples.ts';
import { getManifest, pushManifest, pushParts, putManifest, startUpload } from '../steps.ts';
import type { Target } from '../target.ts';

interface BadDigest {
  readonly name: string;
  readonly text: string;
}

const forms: readonly BadDigest[] = [
  { name: 'too short', text: 'sha256:baddigeststring' },
  { name: 'of letters that are no hex', text: `sha256:${'z'.repeat(64)}` },
  { name: 'in upper case', text: `sha256:${'A'.repeat(64)}` },
  { name: 'of an unknown algorithm', text: `md7:${'a'.repeat(32)}` },
  { name: 'without an encoded part', text: 'sha256:' },
  { name: 'with a path in it', text: `sha256:..%2f..%2f${'a'.repeat(58)}` },
];

/** Distribution specification: a malformed digest is the client's fault (400 or 404), whatever is done with it. */
export const badDigests: readonly Case[] = group('digest', {
  ...each(forms, on('GET of a blob'), (registry, { text }) => refused(registry, 'GET', 'blobs', text)),
  ...each(forms, on('HEAD of a blob'), (registry, { text }) => refused(registry, 'HEAD', 'blobs', text)),
  ...each(forms, on('GET of a manifest'), (registry, { text }) => refused(registry, 'GET', 'manifests', text)),
  ...each(forms, on('HEAD of a manifest'), (registry, { text }) => refused(registry, 'HEAD', 'manifests', text)),
  ...each(forms, on('PUT of a manifest'), async (registry, { text }) => {
    const [repository, manifest] = [registry.repository(), image()];
    await pushParts(registry, repository, manifest);
    expectRefused(await putManifest(registry, repository, text, manifest));
    expectStatus(await getManifest(registry, repository, manifest.digest), 404);
  }),
  ...each(forms, on('commit of an upload'), async (registry, { text }) => {
    const location = await startUpload(registry, registry.repository());
    const path = `${location}${location.includes('?') ? '&' : '?'}digest=${text}`;
    expectRefused(await registry.send({ method: 'PUT', path, body: freshBlob(10).bytes }));
  }),
  ...each(forms, on('mount'), async (registry, { text }) => {
    const path = `/v2/${registry.repository()}/blobs/uploads/?mount=${text}&from=${registry.repository()}`;
    const answer = await registry.send({ method: 'POST', path });
    if (answer.status !== 202) expectRefused(answer);
  }),
});

function on(operation: string): (form: BadDigest) => string {
  return (form) => `${operation}: ${form.name}`;
}

async function refused(registry: Target, method: string, kind: string, text: string): Promise<void> {
  const repository = registry.repository();
  await pushManifest(registry, repository, image({ layers: 0 }), 'there');
  expectStatus(await registry.send({ method, path: `/v2/${repository}/${kind}/${text}` }), 400, 404);
}
