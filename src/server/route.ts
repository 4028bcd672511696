import { type Digest, parseDigest } from '../oci/digest.ts';
import { isRepositoryName, isTagName, type RepositoryName, type TagName } from '../oci/names.ts';
import { fault } from './fault.ts';

/** What a path of the distribution specification asks about. */
export type Route =
  | { readonly about: 'ping' }
  | { readonly about: 'catalog' }
  | { readonly about: 'blob'; readonly name: RepositoryName; readonly digest: Digest }
  | { readonly about: 'uploads'; readonly name: RepositoryName }
  | { readonly about: 'upload'; readonly name: RepositoryName; readonly id: string }
  | { readonly about: 'manifest'; readonly name: RepositoryName; readonly reference: TagName | Digest }
  | { readonly about: 'tags'; readonly name: RepositoryName }
  | { readonly about: 'referrers'; readonly name: RepositoryName; readonly digest: Digest };

const longestPath = 2048;
const uploadId = /^[0-9a-f]{32}$/;

/**
 * Reads the path of a request. `undefined` for a path of no endpoint; malformed names and digests are faults, never more
 * than 4xx.
 */
export function parseRoute(path: string, method = 'GET'): Route | undefined {
  if (path.length > longestPath) throw fault(414, 'NAME_INVALID', 'the path is too long');
  if (path === '/v2' || path === '/v2/') return { about: 'ping' };
  if (!path.startsWith('/v2/')) return undefined;
  const parts = decodeParts(path.slice('/v2/'.length).split('/'));
  if (parts.length === 1 && parts[0] === '_catalog') return { about: 'catalog' };
  const [third, second, last] = [parts.at(-3), parts.at(-2), parts.at(-1) ?? ''];
  if (third === 'blobs' && second === 'uploads') return upload(parts.slice(0, -3), last);
  if (second === 'blobs' && last === 'uploads') return { about: 'uploads', name: nameOf(parts.slice(0, -2)) };
  if (second === 'tags' && last === 'list') return { about: 'tags', name: nameOf(parts.slice(0, -2)) };
  switch (second) {
    case 'blobs':
      return { about: 'blob', name: nameOf(parts.slice(0, -2)), digest: digestIn(last) };
    case 'manifests':
      return { about: 'manifest', name: nameOf(parts.slice(0, -2)), reference: referenceIn(last, method) };
    case 'referrers':
      return { about: 'referrers', name: nameOf(parts.slice(0, -2)), digest: digestIn(last) };
  }
  return undefined;
}

/** A digest from a path or a query; a fault for anything else. */
export function digestIn(text: string): Digest {
  const digest = parseDigest(text);
  if (digest === undefined)
    throw fault(400, 'DIGEST_INVALID', 'only sha256 and sha512 digests are known', { digest: text });
  return digest;
}

function upload(nameParts: readonly string[], id: string): Route {
  const name = nameOf(nameParts);
  if (id === '') return { about: 'uploads', name };
  if (!uploadId.test(id)) throw fault(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload');
  return { about: 'upload', name, id };
}

function nameOf(parts: readonly string[]): RepositoryName {
  const name = parts.join('/');
  if (parts.some((part) => part.includes('/')) || !isRepositoryName(name)) {
    throw fault(400, 'NAME_INVALID', 'the name of the repository is not valid', { name });
  }
  return name;
}

/** Nothing can be under a tag that cannot be, so only a push is told that it is wrong. */
function referenceIn(text: string, method: string): TagName | Digest {
  if (text.includes(':')) return digestIn(text);
  if (isTagName(text)) return text;
  if (method === 'PUT') throw fault(400, 'MANIFEST_INVALID', 'the tag is not valid', { tag: text });
  throw fault(404, 'MANIFEST_UNKNOWN', 'there is no such manifest', { reference: text });
}

function decodeParts(parts: readonly string[]): readonly string[] {
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch {
    throw fault(400, 'NAME_INVALID', 'the path is not percent-encoded properly');
  }
}
