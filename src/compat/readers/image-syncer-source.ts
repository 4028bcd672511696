import { type Digest, isDigest } from '../../oci/digest.ts';
import { imageName } from './image-name.ts';

export interface Source {
  readonly host: string;
  readonly repository: string;
  readonly tags?: readonly string[];
  readonly regex?: string;
  readonly digest?: Digest;
}

/** `repo`, `repo:t1,t2`, `repo@sha256:…`, `repo:/regex/`. */
export function sourceOf(key: string): Source | undefined {
  const [, before, regex] = /^(.*?):\/(.*)\/$/.exec(key) ?? [];
  if (before !== undefined && regex !== undefined) return named(before, { regex });
  if (key.includes('@')) {
    const [name = '', digest = ''] = key.split('@');
    return isDigest(digest) ? named(withoutTag(name), { digest }) : undefined;
  }
  const colon = key.lastIndexOf(':');
  const hasTags = colon > key.lastIndexOf('/');
  if (!hasTags) return named(key, {});
  const tags = key
    .slice(colon + 1)
    .split(',')
    .map((tag) => tag.trim());
  return tags.every((tag) => tag !== '') ? named(key.slice(0, colon), { tags }) : undefined;
}

/** A tag beside a digest says nothing more. */
function withoutTag(name: string): string {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

function named(text: string, more: Omit<Source, 'host' | 'repository'>): Source | undefined {
  const found = imageName(text);
  return found === undefined ? undefined : { host: found.host, repository: found.repository, ...more };
}
