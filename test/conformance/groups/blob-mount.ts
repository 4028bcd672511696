import { type Case, type CaseFunction, group } from '../case.ts';
import { type Algorithm, algorithms, freshBlob } from '../content.ts';
import { expectStatus } from '../expect.ts';
import { commit, expectBlob, expectNoBlob, locationOf, pushBlob } from '../steps.ts';
import type { Target } from '../target.ts';
import type { Answer } from '../wire.ts';

/** Distribution specification, "Mounting a blob from another repository" (end-11). */
export const blobMount: readonly Case[] = algorithms.flatMap((algorithm) =>
  group(`${algorithm} mount`, table(algorithm)),
);

async function mount(registry: Target, repository: string, digest: string, from?: string): Promise<Answer> {
  const source = from === undefined ? '' : `&from=${encodeURIComponent(from)}`;
  return await registry.send({ method: 'POST', path: `/v2/${repository}/blobs/uploads/?mount=${digest}${source}` });
}

function table(algorithm: Algorithm): Record<string, CaseFunction> {
  return {
    async 'a blob of another repository is taken over'(registry) {
      const [from, to, blob] = [registry.repository(), registry.repository(), freshBlob(900, algorithm)];
      await pushBlob(registry, from, blob);
      const answer = await mount(registry, to, blob.digest, from);
      expectStatus(answer, 201);
      const location = await registry.send({ method: 'HEAD', path: locationOf(registry, answer) });
      expectStatus(location, 200);
      await expectBlob(registry, to, blob);
    },
    async 'without a source it is taken over or a session opens'(registry) {
      const [from, to, blob] = [registry.repository(), registry.repository(), freshBlob(900, algorithm)];
      await pushBlob(registry, from, blob);
      const answer = await mount(registry, to, blob.digest);
      expectStatus(answer, 201, 202);
      if (answer.status === 202)
        expectStatus(await commit(registry, locationOf(registry, answer), blob.digest, blob.bytes), 201);
      await expectBlob(registry, to, blob);
    },
    async 'a blob that is nowhere opens a session'(registry) {
      const [to, blob] = [registry.repository(), freshBlob(900, algorithm)];
      const answer = await mount(registry, to, blob.digest, registry.repository());
      expectStatus(answer, 202);
      expectStatus(await commit(registry, locationOf(registry, answer), blob.digest, blob.bytes), 201);
      await expectBlob(registry, to, blob);
    },
    async 'a blob that the source does not hold opens a session'(registry) {
      const [from, to] = [registry.repository(), registry.repository()];
      await pushBlob(registry, from, freshBlob(10, algorithm));
      const absent = freshBlob(900, algorithm);
      expectStatus(await mount(registry, to, absent.digest, from), 202);
      await expectNoBlob(registry, to, absent.digest);
    },
    async 'a mount onto its own repository is no error'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(900, algorithm)];
      await pushBlob(registry, repository, blob);
      expectStatus(await mount(registry, repository, blob.digest, repository), 201, 202);
      await expectBlob(registry, repository, blob);
    },
    async 'a mount repeated is no error'(registry) {
      const [from, to, blob] = [registry.repository(), registry.repository(), freshBlob(900, algorithm)];
      await pushBlob(registry, from, blob);
      expectStatus(await mount(registry, to, blob.digest, from), 201);
      expectStatus(await mount(registry, to, blob.digest, from), 201);
      await expectBlob(registry, to, blob);
    },
  };
}
