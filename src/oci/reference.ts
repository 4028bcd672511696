/**
 * References as people write them, after Docker's habits:
 *
 *     [docker://] [host[:port]/] path [:tag] [@digest]
 *     oci:DIR[:TAG][@DIGEST]          an OCI layout in a directory
 *     oci-archive:FILE[:TAG][@DIGEST] the same in one tar file
 *
 * The first part of a path is a host when it holds a dot, a colon or an upper-case letter, or is `localhost`; otherwise the host is
 * Docker Hub, and a path of one part there is in `library/`.
 */
import { type Digest, isDigest } from './digest.ts';
import { TranshipError } from './errors.ts';
import {
  isRepositoryName,
  isTagName,
  longestRepositoryName,
  parseTagName,
  type RepositoryName,
  type TagName,
} from './names.ts';
import { parseHost } from './reference-host.ts';
import { type LayoutReference, layoutText, parseLayoutReference } from './reference-layout.ts';
import { refuse } from './reference-refusal.ts';

export type { LayoutReference } from './reference-layout.ts';

export interface RepositoryReference {
  readonly kind: 'registry';
  /** Lower case, with the port where one is written: `docker.io`, `[::1]:5000`. */
  readonly host: string;
  readonly repository: RepositoryName;
}

export interface ImageReference extends RepositoryReference {
  readonly tag?: TagName;
  /** Wins over the tag for reading. */
  readonly digest?: Digest;
}

/** An image reference has a tag, a digest or both; a layout reference may have neither, where the layout holds one image. */
export type Reference = ImageReference | LayoutReference;

/** Reads the name of an image; the tag is `latest` where neither tag nor digest is written. Throws `E_REFERENCE`. */
export function parseReference(text: string): Reference {
  const layout = parseLayoutReference(text);
  if (layout) return layout;
  const image = readImage(text);
  if (image.tag !== undefined || image.digest !== undefined) return image;
  return { ...image, tag: latest };
}

/** Reads the name of a repository, for listing tags or copying all of them. A tag or digest behind it is refused. */
export function parseRepositoryReference(text: string): RepositoryReference | LayoutReference {
  const found = parseLayoutReference(text) ?? readImage(text);
  if (found.tag === undefined && found.digest === undefined) return found;
  throw refuse(text, text.lastIndexOf(found.digest === undefined ? ':' : '@'), 'the end of the repository name', {
    hint: 'This takes a whole repository: leave out the tag and the digest.',
  });
}

export interface RegistryAddress {
  readonly host: string;
  /** As written in front of it; `undefined` where nothing was. */
  readonly scheme?: 'http' | 'https';
  /** A path behind it, which narrows a listing to one namespace. */
  readonly namespace?: RepositoryName;
}

/** Reads `host[:port][/namespace]`, optionally with `https://`, `http://` or `docker://` in front. Throws `E_REFERENCE`. */
export function parseRegistryAddress(text: string): RegistryAddress {
  const scheme = /^(https?|docker):\/\//.exec(text);
  const start = scheme?.[0].length ?? 0;
  const rest = text.slice(start).replace(/\/+$/, '');
  const slash = rest.indexOf('/');
  const host = parseHost(text, slash < 0 ? rest : rest.slice(0, slash), start);
  const namespace = slash < 0 ? undefined : repositoryAt(text, rest.slice(slash + 1), start + slash + 1);
  const said = scheme?.[1];
  return {
    host,
    ...((said === 'http' || said === 'https') && { scheme: said }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** The reference in full, as it can be read again. */
export function formatReference(reference: Reference | RepositoryReference): string {
  if (reference.kind === 'layout') return layoutText(reference);
  const { host, repository, tag, digest }: ImageReference = reference;
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

const latest = parseTagName('latest') as TagName;
const dockerHub = 'docker.io';

function readImage(text: string): ImageReference {
  const start = startOfName(text);
  const name = text.slice(start);
  if (name === '') throw refuse(text, start, 'the name of a repository');
  const at = name.indexOf('@');
  const digest = at < 0 ? undefined : digestAt(text, start + at + 1);
  const tagged = at < 0 ? name : name.slice(0, at);
  const colon = tagged.lastIndexOf(':');
  const hasTag = colon > tagged.lastIndexOf('/') && colon > tagged.lastIndexOf(']');
  const tag = hasTag ? tagAt(text, tagged.slice(colon + 1), start + colon + 1) : undefined;
  const place = readPlace(text, hasTag ? tagged.slice(0, colon) : tagged, start);
  return { ...place, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** Where skopeo and podman keep images. The longer names are nobody's image; the short ones might be, so a path has to follow. */
const otherTransports =
  /^(docker-daemon|docker-archive|containers-storage|(?:ostree|sif|tarball|dir)(?=:(?:[/.~]|.*[/:]))):/;

const saveFirst =
  'Save the image as an OCI archive first: `podman save --format oci-archive` or `skopeo copy IMAGE oci-archive:FILE`. ';
const savedFirst: ReadonlySet<string> = new Set(['docker-daemon', 'docker-archive', 'containers-storage', 'dir']);

function startOfName(text: string): number {
  if (text.startsWith('docker://')) return 'docker://'.length;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1] ?? otherTransports.exec(text)?.[1];
  if (scheme === undefined) return 0;
  const web = /^https?$/i.test(scheme);
  throw new TranshipError('E_SCHEME', 'usage', `"${text}" begins with ${scheme}:, which is not known here.`, {
    subject: text,
    hint: web
      ? 'Write the registry without https://; use --plain-http for a registry without TLS.'
      : `${savedFirst.has(scheme) ? saveFirst : ''}Write host/repository:tag, oci:DIR[:TAG] or oci-archive:FILE[:TAG].`,
  });
}

function readPlace(text: string, path: string, start: number): RepositoryReference {
  const slash = path.indexOf('/');
  const first = path.slice(0, slash);
  if (slash < 0 || !looksLikeHost(first)) {
    const repository = repositoryAt(text, path, start);
    return { kind: 'registry', host: dockerHub, repository: onDockerHub(repository) };
  }
  const host = parseHost(text, first, start);
  const repository = repositoryAt(text, path.slice(slash + 1), start + slash + 1);
  return { kind: 'registry', host, repository: host === dockerHub ? onDockerHub(repository) : repository };
}

function looksLikeHost(part: string): boolean {
  return /[.:[A-Z]/.test(part) || part === 'localhost';
}

function onDockerHub(repository: RepositoryName): RepositoryName {
  return repository.includes('/') ? repository : (`library/${repository}` as RepositoryName);
}

function repositoryAt(text: string, name: string, at: number): RepositoryName {
  if (isRepositoryName(name)) return name;
  if (name === '') throw refuse(text, at, 'the name of a repository');
  if (name.length > longestRepositoryName)
    throw refuse(text, at + longestRepositoryName, `the end of a name of at most ${longestRepositoryName} characters`);
  const fits = (length: number) => isRepositoryName(`${name.slice(0, length)}a`);
  let length = 0;
  while (length < name.length && fits(length + 1)) length++;
  throw refuse(text, at + length, 'a lower-case repository name such as team/app');
}

function tagAt(text: string, tag: string, at: number): TagName {
  if (isTagName(tag)) return tag;
  const [before = ''] = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}/.exec(tag) ?? [];
  throw refuse(text, at + before.length, 'a tag of at most 128 letters, digits, ".", "_" and "-"');
}

function digestAt(text: string, at: number): Digest {
  const digest = text.slice(at);
  if (isDigest(digest)) return digest;
  throw refuse(text, at, 'sha256: and 64 lower-case hex digits, or sha512: and 128');
}
