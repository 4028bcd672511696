import { isDigest } from '../../../../src/oci/digest.ts';
import { isGranted } from '../auth/access.ts';
import { bytes, json, type Reply } from '../http/reply.ts';
import { isList, mediaTypes, parseManifest } from '../model/manifests.ts';
import { pageById } from '../model/paging.ts';
import { findTag, liveTags } from '../model/tags.ts';
import type { Repository } from '../model/types.ts';
import { feature } from '../model/world.ts';
import { type RegistryCall, readableRepository, repositoryPath } from './context.ts';
import { registryError } from './errors.ts';

const largestPage = 100;

export function listTags(call: RegistryCall): Reply {
  const repository = readableRepository(call);
  const size = pageSize(call);
  const last = call.request.query.get('last');
  const names = liveTags(call.world, repository)
    .map((tag) => tag.name)
    .sort(byBytes);
  const rest = last === null ? names : names.filter((name) => byBytes(name, last) > 0);
  const page = rest.slice(0, size);
  const more = page.length > 0 && rest.length > page.length;
  const link = `</v2/${repositoryPath(call)}/tags/list?n=${size}&last=${page.at(-1)}>; rel="next"`;
  return json(200, { name: repositoryPath(call), tags: page }, more ? { Link: link } : {});
}

/** Every repository the token's user can see, in the order of their making. */
export function catalog(call: RegistryCall): Reply {
  const { world, token } = call;
  const user = token?.user;
  const caller = user === undefined ? undefined : ({ user, scopes: 'direct', via: 'basic' } as const);
  const full = user !== undefined && world.settings.superUsers.has(user) && feature(world, 'SUPERUSERS_FULL_ACCESS');
  const rows = [...world.repositories.values()]
    .filter(
      (one) => full || (caller !== undefined && isGranted(world, caller.user, one)) || isListedPublic(call, one.public),
    )
    .sort((a, b) => a.id - b.id);
  const size = pageSize(call);
  const { page, next } = pageById(world, rows, call.request.query.get('next_page'), size);
  const link = `</v2/_catalog?n=${size}&next_page=${encodeURIComponent(next ?? '')}>; rel="next"`;
  const repositories = page.map((one) => `${one.namespace}/${one.name}`);
  return json(200, { repositories }, next === undefined ? {} : { Link: link });
}

export function listReferrers(call: RegistryCall): Reply {
  const repository = readableRepository(call);
  const digest = call.params['digest'] ?? '';
  if (!isDigest(digest) || !repository.manifests.has(digest)) {
    throw registryError('MANIFEST_INVALID', { detail: '' });
  }
  const wanted = call.request.query.get('artifactType');
  const manifests = [...repository.manifests.values()].flatMap((manifest) => {
    const shape = parseManifest(manifest);
    if (shape.subject?.digest !== digest) return [];
    const { artifactType } = shape;
    if (wanted !== null && artifactType !== wanted) return [];
    return [
      {
        mediaType: manifest.mediaType,
        digest: manifest.digest,
        size: manifest.bytes.length,
        ...(artifactType === undefined ? {} : { artifactType }),
        ...(shape.annotations === undefined ? {} : { annotations: shape.annotations }),
      },
    ];
  });
  const annotations = Object.assign({}, ...manifests.map((one) => one.annotations ?? {})) as object;
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [...manifests, ...(wanted === null ? fallbackEntries(call, repository, digest) : [])],
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  return bytes(200, Buffer.from(JSON.stringify(index, null, 3)), {
    'Content-Type': mediaTypes.ociIndex,
    ...(wanted === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
  });
}

/** What an index under the fallback tag of the referrers API names, as a client without that API pushed it. */
function fallbackEntries(call: RegistryCall, repository: Repository, digest: string): object[] {
  const tag = findTag(call.world, repository, digest.replace(':', '-'));
  const index = tag === undefined ? undefined : repository.manifests.get(tag.digest);
  if (index === undefined || !isList(index.mediaType)) return [];
  return (parseManifest(index).manifests ?? []).map(({ mediaType, digest: child, size }) => ({
    mediaType,
    digest: child,
    size,
  }));
}

function isListedPublic(call: RegistryCall, isPublic: boolean): boolean {
  return isPublic && (call.token?.user !== undefined || feature(call.world, 'PUBLIC_CATALOG'));
}

function pageSize(call: RegistryCall): number {
  const text = call.request.query.get('n');
  if (text === null || !/^-?\d+$/.test(text)) return largestPage;
  return Math.max(0, Math.min(Number(text), largestPage));
}

function byBytes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
