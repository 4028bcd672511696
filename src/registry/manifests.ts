import type { HttpAnswer } from '../http/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest, parseDigest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { isVagueType, largestManifest, parseKnownManifest, parseManifest } from '../oci/manifest.ts';
import { acceptedManifestTypes, bareMediaType, kindOf } from '../oci/media-type.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import type { CallOptions, ManifestContent } from '../oci/ports.ts';
import { printable } from './answer-words.ts';
import { toRead } from './auth/access.ts';
import type { BlobPlace } from './blobs.ts';
import { refusal } from './errors.ts';

/**
 * Only on manifest requests: Artifactory answers 406 to it elsewhere. Without all four types Quay converts what it has
 * and distribution 2.8 does not find it.
 */
const accept = acceptedManifestTypes.join(', ');

/** Readings of one manifest whose bytes do not match before it is given up. */
const mostReadings = 3;

/** Statuses of a HEAD that say something about HEAD, not about the manifest. */
const headUnknown: ReadonlySet<number> = new Set([400, 405, 406, 501]);

/** Statuses that may be about the condition of a HEAD, as something between here and the registry takes it. */
const conditionRefused: ReadonlySet<number> = new Set([...headUnknown, 412, 416, 428]);

/** What a reference names now, by one HEAD; by a GET where HEAD does not tell it all. */
export async function resolveManifest(
  place: BlobPlace,
  reference: TagName | Digest,
  options: CallOptions = {},
): Promise<Descriptor | undefined> {
  if (!place.wire.abilities.now.headManifests) return resolveByGet(place, reference, options);
  const answer = await place.wire.request({ method: 'HEAD', ...manifestCall(place, reference), ...options });
  return resolvedBy(place, reference, answer, options);
}

/**
 * The digest that a tag names now. A registry that finds it unchanged (RFC 9110 §13.1.2) need not look at the manifest, which
 * is half of its work in distribution 3; who does not know conditions answers as always.
 */
export async function confirmDigest(
  place: BlobPlace,
  tag: TagName,
  likely: Digest | undefined,
  options: CallOptions = {},
): Promise<Digest | undefined> {
  if (likely === undefined || !place.wire.abilities.now.headManifests) {
    return (await resolveManifest(place, tag, options))?.digest;
  }
  const { headers, ...call } = manifestCall(place, tag);
  const condition = { 'if-none-match': `"${likely}"` };
  const answer = await place.wire.request({
    method: 'HEAD',
    ...call,
    headers: { ...headers, ...condition },
    ...options,
  });
  if (conditionRefused.has(answer.status)) return (await resolveManifest(place, tag, options))?.digest;
  if (answer.status !== 304) return (await resolvedBy(place, tag, answer, options))?.digest;
  const named = answer.headers.get('docker-content-digest') ?? likely;
  return named === likely ? likely : (await resolveManifest(place, tag, options))?.digest;
}

async function resolvedBy(
  place: BlobPlace,
  reference: TagName | Digest,
  answer: HttpAnswer,
  options: CallOptions,
): Promise<Descriptor | undefined> {
  const { wire } = place;
  if (answer.status === 404) return undefined;
  if (answer.status === 200) {
    return describedBy(answer, reference) ?? resolveByGet(place, reference, options);
  }
  if (!headUnknown.has(answer.status)) return refusedByHead(place, reference, answer, options);
  wire.abilities.downgrade('headManifests', false, `HEAD of a manifest is answered with ${answer.status}`);
  return resolveByGet(place, reference, options);
}

/** Refusals of HEADs whose words were asked for, per registry: repository and status. Its tags are refused in the same words. */
const wordsAsked = new WeakMap<object, Set<string>>();
const mostWordsAsked = 1000;

/** After a 401 all was done that may be done to get in; a 429 wants fewer requests. */
const wordsKnown: ReadonlySet<number> = new Set([401, 429]);

/** The answer to a HEAD has no body, so the words of a refusal, which tell what to do, come from a GET: once per repository. */
async function refusedByHead(
  place: BlobPlace,
  reference: TagName | Digest,
  answer: HttpAnswer,
  options: CallOptions,
): Promise<Descriptor | undefined> {
  const asked = wordsAsked.get(place.wire) ?? new Set();
  wordsAsked.set(place.wire, asked);
  const key = `${place.repository} ${answer.status}`;
  if (answer.status >= 500 || wordsKnown.has(answer.status) || asked.has(key) || asked.size >= mostWordsAsked) {
    throw refusal(answer, 'read-manifest', nameOf(place, reference));
  }
  asked.add(key);
  return resolveByGet(place, reference, options);
}

/** The manifest, its bytes verified. Wrong bytes may be a bad cache's or a bad line's, so they are read again. */
export async function fetchManifest(
  place: BlobPlace,
  reference: TagName | Digest,
  options: CallOptions = {},
): Promise<ManifestContent> {
  for (let reading = 1; ; reading++) {
    const answer = await getManifest(place, reference, options);
    if (answer.status !== 200) throw refusal(answer, 'read-manifest', nameOf(place, reference));
    refuseOtherKinds(place, reference, answer);
    const expected = expectedDigest(answer, reference);
    const digest = digestOf(answer.body, expected === undefined ? 'sha256' : algorithmOf(expected));
    if (expected === undefined || digest === expected) {
      const mediaType = mediaTypeOf(answer);
      return { descriptor: { mediaType, digest, size: answer.body.length }, bytes: answer.body };
    }
    if (reading >= mostReadings) throw mismatch(nameOf(place, reference), expected, digest, answer);
  }
}

/** The path of a manifest below the registry's root. */
export function manifestPath(repository: RepositoryName, reference: TagName | Digest): string {
  return `/v2/${repository}/manifests/${reference}`;
}

/** How messages name a manifest: `host/name:tag`, `host/name@sha256:…`. */
export function nameOf({ location }: Pick<BlobPlace, 'location'>, reference: TagName | Digest): string {
  return isDigest(reference) ? `${location}@${reference}` : `${location}:${reference}`;
}

function getManifest(place: BlobPlace, reference: TagName | Digest, options: CallOptions): Promise<HttpAnswer> {
  return place.wire.request({
    method: 'GET',
    ...manifestCall(place, reference),
    bodyLimit: largestManifest,
    ...options,
  });
}

function manifestCall({ repository }: BlobPlace, reference: TagName | Digest) {
  return { to: manifestPath(repository, reference), access: toRead(repository), headers: { accept } };
}

async function resolveByGet(
  place: BlobPlace,
  reference: TagName | Digest,
  options: CallOptions,
): Promise<Descriptor | undefined> {
  try {
    return (await fetchManifest(place, reference, options)).descriptor;
  } catch (error) {
    if (error instanceof TranshipError && unknown.has(error.code)) return undefined;
    throw error;
  }
}

const unknown: ReadonlySet<string> = new Set(['E_MANIFEST_UNKNOWN', 'E_REPOSITORY_UNKNOWN']);

/** The descriptor in a HEAD's headers; `undefined` where one of them is missing or vague. */
function describedBy({ headers }: HttpAnswer, reference: TagName | Digest): Descriptor | undefined {
  const digest = isDigest(reference) ? reference : parseDigest(headers.get('docker-content-digest') ?? '');
  const length = headers.get('content-length');
  const mediaType = bareMediaType(headers.get('content-type') ?? '');
  if (digest === undefined || length === undefined || kindOf(mediaType) === undefined) return undefined;
  return { mediaType, digest, size: Number(length) };
}

/**
 * What the bytes must hash to: what was asked for, and only where a tag was asked for, what the server says. Its header
 * never replaces a digest of ours (CVE-2025-24882).
 */
function expectedDigest({ headers }: HttpAnswer, reference: TagName | Digest): Digest | undefined {
  return isDigest(reference) ? reference : parseDigest(headers.get('docker-content-digest') ?? '');
}

/** What says by its type alone that it is no manifest to be copied. */
function refuseOtherKinds(place: BlobPlace, reference: TagName | Digest, { headers, status }: HttpAnswer): void {
  const mediaType = bareMediaType(headers.get('content-type') ?? '');
  if (kindOf(mediaType) === 'schema1') throw schema1(nameOf(place, reference), mediaType);
  if (mediaType === 'text/html') throw page(nameOf(place, reference), status);
}

/**
 * A vague type is told by the document, which is read only once its bytes are known to be right. One that nobody knows stays: an
 * index may name such documents.
 */
function mediaTypeOf({ headers, body }: HttpAnswer): string {
  const mediaType = bareMediaType(headers.get('content-type') ?? '');
  if (kindOf(mediaType) !== undefined) return mediaType;
  return (isVagueType(mediaType) ? parseManifest(body) : parseKnownManifest(body, mediaType))?.mediaType ?? mediaType;
}

function schema1(subject: string, mediaType: string): TranshipError {
  return new TranshipError('E_SCHEMA1', 'failed', 'The image is in Docker schema 1, which is not copied.', {
    subject,
    serverSaid: mediaType,
    hint: 'Runtimes no longer take this format. Build or push the image again with a current tool.',
  });
}

function page(subject: string, status: number): TranshipError {
  return new TranshipError('E_NOT_A_MANIFEST', 'temporary', 'The registry answered with a web page.', {
    subject,
    serverSaid: `HTTP ${status}, text/html`,
    hint: 'A proxy or a login page may stand before the registry.',
  });
}

/** An answer that was packed on the way, although nobody asked for that, is told by its header. */
function mismatch(subject: string, expected: Digest, got: Digest, { headers, status }: HttpAnswer): TranshipError {
  const encoding = headers.get('content-encoding');
  return new TranshipError(
    'E_DIGEST_MISMATCH',
    'temporary',
    `The manifest should hash to ${expected} but hashes to ${got}.`,
    {
      subject,
      ...(encoding !== undefined && { serverSaid: `HTTP ${status}, content-encoding: ${printable(encoding, 40)}` }),
      hint: 'A cache between here and the registry may be broken, or the registry’s storage is.',
    },
  );
}
