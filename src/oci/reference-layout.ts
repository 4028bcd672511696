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
  /** Wins over the tag for reading. */
  readonly digest?: Digest;
}

const prefixes = { directory: 'oci:', archive: 'oci-archive:' } as const;

/** Reads `oci:DIR[:TAG][@DIGEST]` and the same of `oci-archive:FILE`; `undefined` for what begins otherwise. */
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
  const named = `${tag === undefined ? closed(form, path) : `${path}:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return `${prefixes[form]}${named}`;
}

/** A folder whose own name ends like a tag is written with a slash, so that it is read again as the folder. */
function closed(form: LayoutReference['form'], path: string): string {
  return form === 'directory' && tagAtEnd(path) !== undefined ? `${path}/` : path;
}

/** What stands behind the last `@` or `:` is a digest or tag only if it reads as one: paths may hold both signs. */
function splitPath(text: string): { path: string; tag?: TagName; digest?: Digest } {
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  const pin = at >= 0 && isDigest(digest) ? { digest } : undefined;
  const tagged = pin === undefined ? text : text.slice(0, at);
  const tag = tagAtEnd(tagged);
  if (tag === undefined) return { path: tagged, ...pin };
  return { path: tagged.slice(0, -tag.length - 1), tag, ...pin };
}

function tagAtEnd(text: string): TagName | undefined {
  const colon = text.lastIndexOf(':');
  const tag = text.slice(colon + 1);
  return colon >= 0 && isTagName(tag) ? tag : undefined;
}
