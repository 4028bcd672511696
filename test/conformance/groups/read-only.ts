import { group } from '../case.ts';
import { freshBlob } from '../content.ts';
import { expectRefused, expectStatus } from '../expect.ts';
import { image } from '../samples.ts';
import { getManifest, putManifest, tagsOf } from '../steps.ts';
import type { Target } from '../target.ts';

/** A registry that was set read-only after something had been pushed. */
export const readOnly = group(
  'read-only',
  {
    async 'what is there can be pulled'(registry) {
      const { repository, tag } = existing(registry);
      expectStatus(await getManifest(registry, repository, tag), 200);
      await tagsOf(registry, repository);
    },
    async 'no upload begins'(registry) {
      const path = `/v2/${existing(registry).repository}/blobs/uploads/`;
      expectRefused(await registry.send({ method: 'POST', path }));
    },
    async 'no manifest is taken'(registry) {
      const { repository } = existing(registry);
      expectRefused(await putManifest(registry, repository, 'new', image()));
      expectStatus(await getManifest(registry, repository, 'new'), 404);
    },
    async 'nothing is mounted'(registry) {
      const { repository } = existing(registry);
      const path = `/v2/${registry.repository()}/blobs/uploads/?mount=${freshBlob().digest}&from=${repository}`;
      expectRefused(await registry.send({ method: 'POST', path }));
    },
    async 'nothing is deleted'(registry) {
      const { repository, tag } = existing(registry);
      expectRefused(await registry.send({ method: 'DELETE', path: `/v2/${repository}/manifests/${tag}` }));
      expectStatus(await getManifest(registry, repository, tag), 200);
    },
  },
  'read-only',
);

function existing(registry: Target): { readonly repository: string; readonly tag: string } {
  if (registry.options.existing === undefined) throw new Error('a read-only target must say what it holds');
  return registry.options.existing;
}
