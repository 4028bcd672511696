import type { HttpAnswer } from '../http/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseDescriptor } from '../oci/descriptor-parse.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import { parseManifest } from '../oci/manifest.ts';
import type { CallOptions } from '../oci/ports.ts';
import { fallbackTagOf } from '../oci/referrers-tag.ts';
import { readWords } from './answer-words.ts';
import { toRead } from './auth/access.ts';
import type { BlobPlace } from './blobs.ts';
import { listAt } from './json.ts';
import { fetchManifest, nameOf } from './manifests.ts';
import { jsonOf, type Listing, pagesOf, unreadable } from './pages.ts';

const mostReferrers = 1000;

export interface ReferrersOptions extends CallOptions {
  /** Only those of this type. */
  readonly artifactType?: string;
  /** Whether the fallback tag may be there. Asked once the API has answered. */
  readonly hasFallback?: () => Promise<boolean>;
}

/** What refers to `subject`: the API's answer and the fallback tag's entries, each digest once. */
export async function listReferrers(
  place: BlobPlace,
  subject: Digest,
  options: ReferrersOptions = {},
): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  for (const entry of await fromApi(place, subject, options)) found.set(entry.digest, entry);
  const mayBeTagged = (await options.hasFallback?.()) ?? true;
  const listed = mayBeTagged ? await readableFallback(place, subject, options) : [];
  for (const entry of listed) {
    if (!found.has(entry.digest)) found.set(entry.digest, entry);
  }
  if (found.size > mostReferrers) throw tooMany(place, subject);
  const { artifactType } = options;
  const all = [...found.values()];
  return artifactType === undefined ? all : all.filter((entry) => entry.artifactType === artifactType);
}

/** Whether the registry keeps the lists itself. Learned once for all its repositories. */
export async function hasReferrersApi(place: BlobPlace, subject: Digest, options: CallOptions): Promise<boolean> {
  if (place.wire.abilities.now.referrersApi === undefined) await fromApi(place, subject, options);
  return place.wire.abilities.now.referrersApi ?? false;
}

/** A fallback index as it stands; empty where there is none yet. */
export interface FallbackIndex {
  readonly entries: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The index under the subject's fallback tag (distribution-spec, "Referrers Tag Schema"); empty where there is none. */
export async function fallbackIndex(place: BlobPlace, subject: Digest, options: CallOptions): Promise<FallbackIndex> {
  const tag = fallbackTagOf(subject);
  try {
    const { bytes, descriptor } = await fetchManifest(place, tag, { signal: options.signal });
    const manifest = parseManifest(bytes, descriptor.mediaType);
    if (manifest.kind !== 'index') throw tagTaken(place, subject);
    return { entries: manifest.children, ...(manifest.annotations && { annotations: manifest.annotations }) };
  } catch (error) {
    if (isTranshipError(error) && absent.has(error.code)) return { entries: [] };
    throw error;
  }
}

const absent: ReadonlySet<string> = new Set(['E_MANIFEST_UNKNOWN', 'E_REPOSITORY_UNKNOWN']);

/** While it is unknown whether there is such an API, one asks and the others wait for what it learns. */
async function fromApi(place: BlobPlace, subject: Digest, options: ReferrersOptions): Promise<readonly Descriptor[]> {
  const { wire } = place;
  if (wire.abilities.now.referrersApi !== undefined) return askApi(place, subject, options);
  const asked = await wire.scouting.run('referrers', async () =>
    // Another one may have found out meanwhile: then nobody needs a turn any more.
    wire.abilities.now.referrersApi === undefined ? askApi(place, subject, options) : undefined,
  );
  return asked ?? askApi(place, subject, options);
}

async function askApi(place: BlobPlace, subject: Digest, options: ReferrersOptions): Promise<readonly Descriptor[]> {
  const { wire, repository, location } = place;
  if (wire.abilities.now.referrersApi === false) return [];
  const listing: Listing = {
    wire,
    path: `/v2/${repository}/referrers/${subject}`,
    query: options.artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(options.artifactType)}`,
    access: toRead(repository),
    act: 'list-referrers',
    subject: `${location}@${subject}`,
  };
  const entries: Descriptor[] = [];
  const isAbsent = (answer: HttpAnswer) => saysNothing(place, answer);
  for await (const answer of pagesOf(listing, isAbsent, { signal: options.signal })) {
    entries.push(...entriesOf(place, answer, listing));
    if (entries.length > mostReferrers) throw tooMany(place, subject);
    wire.abilities.learn('referrersApi', true);
  }
  return entries;
}

/**
 * The answers that mean "no referrers here": 404 where there is no such API (or no such repository: then its words say
 * so), and Quay's 400 for a subject that it does not have.
 */
function saysNothing({ wire }: BlobPlace, answer: HttpAnswer): boolean {
  const { codes } = readWords(answer);
  if (answer.status === 400 && codes.includes('MANIFEST_INVALID')) {
    wire.abilities.learn('referrersApi', true);
    return true;
  }
  const unknownName = codes.includes('NAME_UNKNOWN') || codes.includes('MANIFEST_UNKNOWN');
  const noApi = (answer.status === 404 && !unknownName) || answer.status === 405 || answer.status === 501;
  if (noApi) wire.abilities.learn('referrersApi', false);
  return noApi || answer.status === 404;
}

function entriesOf(place: BlobPlace, answer: HttpAnswer, listing: Listing): readonly Descriptor[] {
  const entries = listAt(jsonOf(answer, listing), 'manifests');
  if (entries === undefined) throw unreadable(answer, listing);
  return entries.flatMap((entry) => readEntry(place, entry));
}

/** An entry that cannot be read is left out with a warning: the others are signatures that must not be lost with it. */
function readEntry({ wire, location }: BlobPlace, entry: unknown): readonly Descriptor[] {
  try {
    return [parseDescriptor(entry, 'manifests')];
  } catch (error) {
    if (!isTranshipError(error)) throw error;
    wire.warn(
      'W_ODD_REFERRER',
      `A referrer in the registry's list cannot be read and is left out: ${error.message}`,
      location,
    );
    return [];
  }
}

/** The fallback entries for a reader: a tag that holds something else is told, and does not hide what the API lists. */
async function readableFallback(
  place: BlobPlace,
  subject: Digest,
  options: CallOptions,
): Promise<readonly Descriptor[]> {
  try {
    return (await fallbackIndex(place, subject, options)).entries;
  } catch (error) {
    if (!isTranshipError(error) || error.failure !== 'failed') throw error;
    place.wire.warn(
      'W_ODD_REFERRER',
      `The fallback list of referrers cannot be read: ${error.message}`,
      place.location,
    );
    return [];
  }
}

function tagTaken(place: BlobPlace, subject: Digest): TranshipError {
  return new TranshipError('E_FALLBACK_TAG', 'failed', 'The tag that should list referrers names something else.', {
    subject: nameOf(place, fallbackTagOf(subject)),
    hint: 'Move that tag away: its name is reserved for the list of what refers to the digest in it.',
  });
}

function tooMany({ location }: BlobPlace, subject: Digest): TranshipError {
  return new TranshipError('E_LIMIT', 'refused', `More than ${mostReferrers} manifests refer to one.`, {
    subject: `${location}@${subject}`,
  });
}
