/** What the listing of a Quay calls, made of the one table of Quay's endpoints. */
import type { QuayCalls } from '../../listing/quay-calls.ts';
import type { QuayClient } from '../../quay/client.ts';
import { requireLiveToken } from '../../quay/liveness.ts';
import { repositoriesOf, tagsOf } from '../../quay/pages.ts';

/** `hasToken`: without one there is none that could be dead. */
export function listingCalls(quay: QuayClient, hasToken: boolean): QuayCalls {
  return {
    tagsOf: (repository, options) => tagsOf(quay, repository, options),
    repositoriesOf: (namespace, options) => repositoriesOf(quay, namespace, { ...options, public: !hasToken }),
    ...(hasToken && { requireLiveToken: (namespace, options) => requireLiveToken(quay, namespace, options) }),
    async namespaceExists(namespace, { signal }) {
      const organization = await quay.find('getOrganization', { parameters: { organization: namespace }, signal });
      return (
        organization !== undefined ||
        (await quay.find('getUser', { parameters: { user: namespace }, signal })) !== undefined
      );
    },
    async createOrganization(name, { signal }) {
      await quay.call('createOrganization', { body: { name }, signal });
    },
    async repositoryExists(repository, { signal }) {
      return (await quay.find('getRepository', { parameters: { repository }, signal })) !== undefined;
    },
    async createRepository({ namespace, name, visibility, description }, { signal }) {
      const body = { namespace, repository: name, visibility, description, repo_kind: 'image' };
      await quay.call('createRepository', { body, signal });
    },
  };
}
