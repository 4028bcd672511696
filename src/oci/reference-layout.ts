import { type Digest, isDigest } from './digest.ts';
import { isTagName, type TagName } from './names.ts';
import { refuse } from './reference-refusal.ts';

/** An OCI layout on disk. */
export interface LayoutReference {
  readonly kind: 'layout';
  readonly form: 'directory' | 'archive';
  /** As written: relative paths stay relative. */
  readonly path: string;
  readonly tag?: TagName;
  readonly digest?: Digest;
}

const prefixes = { directory: 'oci:', archive: 'oci-archive:' } as const;

/** Reads `oci:DIR[:TAG]` and `oci-archive:FILE[:TAG]`; `undefined` for what begins otherwise. */
export function parseLayoutReference(text: string): LayoutReference | undefined {
  const form = text.startsWith(prefixes.archive)
    ? 'archive'
    : text.startsWith(prefixes.directory)
      ? 'directory'
      : undefined;
  if (form === undefined) return undefined;
  const start = prefixes[form].length;
  const { path, ...named } = splitPath(text.slice(start));
  if (path === '') throw refuse(text, start, form === 'archive' ? 'the path of a file' : 'the path of a directory');
  if (path.includes('\0')) throw refuse(text, start + path.indexOf('\0'), 'a path without NUL');
  return { kind: 'layout', form, path, ...named };
}

export function layoutText({ form, path, tag, digest }: LayoutReference): string {
  const suffix = digest === undefined ? (tag === undefined ? '' : `:${tag}`) : `@${digest}`;
  return `${prefixes[form]}${path}${suffix}`;
}

/** What stands behind the last `@` or `:` is a digest or tag only if it reads as one: paths may hold both signs. */
function splitPath(text: string): { path: string; tag?: TagName; digest?: Digest } {
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  if (at >= 0 && isDigest(digest)) return { path: text.slice(0, at), digest };
  const colon = text.lastIndexOf(':');
  const tag = text.slice(colon + 1);
  if (colon >= 0 && isTagName(tag)) return { path: text.slice(0, colon), tag };
  return { path: text };
}
