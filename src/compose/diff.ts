import { eachBounded } from '../kit/bounded.ts';
import type { Digest } from '../oci/digest.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import { type CallOptions, type ContentReader, supports } from '../oci/ports.ts';
import {
  type LayoutReference,
  parseReference,
  parseRegistryAddress,
  parseRepositoryReference,
  type Reference,
  type RegistryAddress,
  type RepositoryReference,
} from '../oci/reference.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import { holdsReferrers } from '../plan/referrers.ts';
import { scopeOf } from './diff-scope.ts';
import { type Place, selectorOf } from './place.ts';
import type { Session } from './session.ts';

/** One thing that stands on both sides, or on one. `a` and `b` are digests; absent where it is not there. */
export interface DiffEntry {
  /** The tag; with its repository in front where several are compared; empty for two references. */
  readonly name: string;
  readonly status: 'same' | 'different' | 'only-a' | 'only-b';
  readonly a?: Digest;
  readonly b?: Digest;
}

export interface Diff {
  readonly apiVersion: 'tranship/v1';
  readonly kind: 'Diff';
  readonly a: string;
  readonly b: string;
  readonly entries: readonly DiffEntry[];
  readonly same: number;
  readonly different: number;
}

const parallelReads = 16;
const parallelRepositories = 4;

/** Compares by digest, which is what "the same" means. Reads only, and no image's content. */
export async function diff(session: Session, a: string, b: string, options: CallOptions = {}): Promise<Diff> {
  const entries = await entriesOf(session, a, b, options);
  const same = entries.filter(({ status }) => status === 'same').length;
  return { apiVersion: 'tranship/v1', kind: 'Diff', a, b, entries, same, different: entries.length - same };
}

async function entriesOf(session: Session, a: string, b: string, options: CallOptions): Promise<readonly DiffEntry[]> {
  const scopes = [scopeOf(a), scopeOf(b)];
  if (scopes.every((scope) => scope === 'many')) {
    return diffNamespaces(session, parseRegistryAddress(a), parseRegistryAddress(b), options);
  }
  if (scopes.includes('image')) return diffImages(session, parseReference(a), parseReference(b), options);
  return diffRepositories(session, parseRepositoryReference(a), parseRepositoryReference(b), options);
}

async function diffImages(session: Session, a: Reference, b: Reference, options: CallOptions) {
  const [first, second] = await Promise.all([a, b].map((reference) => digestAt(session, reference, options)));
  return [entry('', first, second)];
}

async function digestAt(session: Session, reference: Reference, options: CallOptions): Promise<Digest | undefined> {
  const place = await session.open(reference, 'read', options);
  return (await place.resolve(await selectorOf(place, reference, options), options))?.digest;
}

async function diffRepositories(
  session: Session,
  a: RepositoryReference | LayoutReference,
  b: RepositoryReference | LayoutReference,
  options: CallOptions,
  prefix = '',
): Promise<readonly DiffEntry[]> {
  const [first, second] = await Promise.all([a, b].map((reference) => session.open(reference, 'read', options)));
  if (first === undefined || second === undefined) throw new Error('two places were opened');
  const [inA, inB] = await Promise.all([tagsOf(first, options), tagsOf(second, options)]);
  const all = [...new Set([...inA.keys(), ...inB.keys()])];
  const entries = await eachBounded(all, parallelReads, async (tag) => {
    const name = prefix === '' ? tag : `${prefix}:${tag}`;
    const found = entry(
      name,
      await digestOfTag(first, tag, inA, options),
      await digestOfTag(second, tag, inB, options),
    );
    return found.status !== 'same' && (await listsTheSame(tag, first, second, options)) ? [] : [found];
  });
  return entries.flat();
}

/** Whether a tag is but a list of referrers that both sides have, in words of their own or without a tag for it. */
async function listsTheSame(tag: TagName, a: Place, b: Place, options: CallOptions): Promise<boolean> {
  const { kind, subject } = readAttachmentTag(tag) ?? {};
  if (kind !== 'referrers') return false;
  if (subject === undefined || !supports(a, 'referrers') || !supports(b, 'referrers')) return true;
  return (await holdsReferrers(a, b, subject, options)) && (await holdsReferrers(b, a, subject, options));
}

/** Tag to digest, or to nothing yet where the listing shows names only. */
async function tagsOf(place: Place, options: CallOptions): Promise<ReadonlyMap<TagName, Digest | undefined>> {
  const found = new Map<TagName, Digest | undefined>();
  if (supports(place, 'digests')) {
    for await (const { tag, digest } of place.listTagsWithDigests(options)) found.set(tag, digest);
  } else {
    for await (const tag of place.listTags(options)) found.set(tag, undefined);
  }
  return found;
}

async function digestOfTag(
  place: ContentReader,
  tag: TagName,
  known: ReadonlyMap<TagName, Digest | undefined>,
  options: CallOptions,
): Promise<Digest | undefined> {
  if (!known.has(tag)) return undefined;
  return known.get(tag) ?? (await place.resolve(tag, options))?.digest;
}

async function diffNamespaces(
  session: Session,
  a: RegistryAddress,
  b: RegistryAddress,
  options: CallOptions,
): Promise<readonly DiffEntry[]> {
  const [inA, inB] = await Promise.all([below(session, a, options), below(session, b, options)]);
  const paths = [...new Set([...inA.keys(), ...inB.keys()])].toSorted();
  const found = await eachBounded(paths, parallelRepositories, (path) => {
    const nameA = inA.get(path) ?? renamed(a, path);
    const nameB = inB.get(path) ?? renamed(b, path);
    return diffRepositories(session, at(a, nameA), at(b, nameB), options, path);
  });
  return found.flat();
}

/** Repositories below an address, by their path below it. */
async function below(session: Session, { host, namespace }: RegistryAddress, options: CallOptions) {
  const found = new Map<string, RepositoryName>();
  const prefix = namespace === undefined ? '' : `${namespace}/`;
  for await (const name of session.registry(host).listRepositories(options)) {
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), name);
  }
  return found;
}

function at({ host }: RegistryAddress, repository: RepositoryName): RepositoryReference {
  return { kind: 'registry', host, repository };
}

function renamed({ namespace }: RegistryAddress, path: string): RepositoryName {
  return (namespace === undefined ? path : `${namespace}/${path}`) as RepositoryName;
}

function entry(name: string, a: Digest | undefined, b: Digest | undefined): DiffEntry {
  const status = a === undefined ? 'only-b' : b === undefined ? 'only-a' : a === b ? 'same' : 'different';
  return { name, status, ...(a !== undefined && { a }), ...(b !== undefined && { b }) };
}
