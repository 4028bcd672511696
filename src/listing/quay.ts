import { TranshipError } from '../oci/errors.ts';
import { isRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { gatheredTags, type RawTag, timeOf } from './entries.ts';
import { namespaceNeeded } from './errors.ts';
import type { QuayCalls } from './quay-calls.ts';
import type { Adapter, ListingDeps, RepositoryWishes } from './types.ts';

/**
 * Quay's tag API gives a hundred tags with digests a page, and is not counted as a pull, while a HEAD by tag is (in Quay's
 * logs and statistics).
 */
export function quayAdapter({ host, quay }: ListingDeps): Adapter {
  if (quay === undefined) return { kind: 'quay' };
  return {
    kind: 'quay',
    listTags: (repository, options) => gatheredTags(tagsOf(quay, repository, options), `${host}/${repository}`),
    async *listRepositories(namespace, options) {
      if (namespace === undefined) throw namespaceNeeded(host);
      const [organization = namespace] = namespace.split('/');
      await quay.requireLiveToken?.(organization, options);
      for await (const found of quay.repositoriesOf(organization, options)) {
        const name = `${found.namespace}/${found.name}`;
        if (isRepositoryName(name)) yield name;
      }
    },
    createRepository: (repository, wishes, options) => create(quay, host, repository, wishes, options),
  };
}

async function* tagsOf(quay: QuayCalls, repository: RepositoryName, options: CallOptions): AsyncGenerator<RawTag> {
  for await (const { name, manifest_digest, start_ts, size } of quay.tagsOf(repository, options)) {
    const setAt = typeof start_ts === 'number' ? start_ts * 1000 : undefined;
    yield { name, digest: manifest_digest, updatedAt: timeOf(setAt), size };
  }
}

/** The namespace first: creating a repository in one that is not there is answered as if rights were missing. */
async function create(
  quay: QuayCalls,
  host: string,
  repository: RepositoryName,
  { visibility = 'private', description = '' }: RepositoryWishes,
  options: CallOptions,
): Promise<void> {
  const slash = repository.indexOf('/');
  if (slash < 0) {
    throw new TranshipError('E_UNSUPPORTED', 'failed', 'On Quay every repository is in an organisation.', {
      subject: `${host}/${repository}`,
      hint: 'Name it ORGANISATION/REPOSITORY.',
    });
  }
  if (await quay.repositoryExists(repository, options)) return;
  const [namespace, name] = [repository.slice(0, slash), repository.slice(slash + 1)];
  if (!(await quay.namespaceExists(namespace, options))) await quay.createOrganization(namespace, options);
  await quay.createRepository({ namespace, name, visibility, description }, options);
}
