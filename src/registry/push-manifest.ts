import type { HttpAnswer } from '../http/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, parseDigest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import type { CallOptions, ManifestContent } from '../oci/ports.ts';
import { toWrite } from './auth/access.ts';
import type { BlobPlace } from './blobs.ts';
import { refusal } from './errors.ts';
import { InTurn } from './in-turn.ts';
import { manifestPath, nameOf } from './manifests.ts';

/** The specification asks registries to take about ten tags in one request. */
const tagsPerRequest = 10;

/** What every registry has to take for a manifest (distribution-spec, "Pushing Manifests"). */
const mostBytesAnywhere = 4 * 1024 * 1024;

/** What a registry said when it took a manifest. */
export interface Taken {
  /** It names the subject that it will list this manifest under; without, the client keeps the list itself. */
  readonly subjectProcessed: boolean;
}

/** Puts manifests into one registry, in turn where the registry cannot bear two at once in one repository. */
export class ManifestPusher {
  readonly #turns = new InTurn<RepositoryName>();
  readonly #inFlight = new Map<RepositoryName, Set<Promise<unknown>>>();

  /**
   * Stores a manifest under its digest alone or under `tags`. Its bytes go as they are. A registry that is told a tag alone takes the
   * digest for sha256, so one of another algorithm goes by its digest, with the tags as parameters.
   */
  async push(
    place: BlobPlace,
    manifest: ManifestContent,
    tags: readonly TagName[],
    options: CallOptions = {},
  ): Promise<Taken> {
    if (tags.length === 0) return takenBy(await this.#put(place, manifest, manifest.descriptor.digest, [], options));
    const isNamed = algorithmOf(manifest.descriptor.digest) !== 'sha256';
    const { tagParameters } = place.wire.abilities.now;
    if ((tags.length > 1 || isNamed) && tagParameters !== false) {
      const together = this.#pushTogether(place, manifest, tags, options);
      return isNamed || tagParameters ? together : this.#orOneByOne(together, place, manifest, tags, options);
    }
    if (isNamed)
      throw algorithmUnknown(
        'The registry tags no manifest of this digest algorithm.',
        nameOf(place, tags[0] as TagName),
      );
    return this.#pushOneByOne(place, manifest, tags, options);
  }

  /** A registry that refuses what was tried for the first time may refuse the manifest, or but its digest in the place of a tag. */
  async #orOneByOne(
    together: Promise<Taken>,
    place: BlobPlace,
    manifest: ManifestContent,
    tags: readonly TagName[],
    options: CallOptions,
  ): Promise<Taken> {
    try {
      return await together;
    } catch (error) {
      if (!isTranshipError(error) || error.failure !== 'failed') throw error;
      const taken = await this.#pushOneByOne(place, manifest, tags, options);
      place.wire.abilities.learn('tagParameters', false);
      return taken;
    }
  }

  async #pushOneByOne(
    place: BlobPlace,
    manifest: ManifestContent,
    tags: readonly TagName[],
    options: CallOptions,
  ): Promise<Taken> {
    let subjectProcessed = false;
    for (const tag of tags) {
      const answer = await this.#put(place, manifest, tag, [], options);
      subjectProcessed ||= takenBy(answer).subjectProcessed;
    }
    return { subjectProcessed };
  }

  /** One request for several tags; those that the answer does not name are put by themselves. */
  async #pushTogether(
    place: BlobPlace,
    manifest: ManifestContent,
    tags: readonly TagName[],
    options: CallOptions,
  ): Promise<Taken> {
    const { abilities } = place.wire;
    const batch = tags.slice(0, tagsPerRequest);
    const answer = await this.#put(place, manifest, manifest.descriptor.digest, batch, options);
    const set = new Set((answer.headers.get('oci-tag') ?? '').split(',').map((tag) => tag.trim()));
    const understood = batch.some((tag) => set.has(tag));
    abilities.learn('tagParameters', understood);
    const left = tags.filter((tag) => !set.has(tag));
    const rest = left.length === 0 ? undefined : await this.push(place, manifest, left, options);
    return { subjectProcessed: takenBy(answer).subjectProcessed || rest?.subjectProcessed === true };
  }

  /** A registry that fails with two at once is learned from: it gets them in turn from then on. */
  async #put(
    place: BlobPlace,
    manifest: ManifestContent,
    reference: TagName | Digest,
    tags: readonly TagName[],
    options: CallOptions,
  ): Promise<HttpAnswer> {
    const { repository, wire } = place;
    const put = () => this.#noted(repository, putManifest(place, manifest, reference, tags, options));
    const inTurn = () => this.#turns.run(repository, () => this.#afterAll(repository).then(put));
    if (wire.abilities.now.serialManifests) return inTurn();
    const alone = !this.#inFlight.has(repository);
    try {
      return await put();
    } catch (error) {
      const crowded = !alone || this.#inFlight.has(repository);
      if (!crowded || !isTranshipError(error)) throw error;
      const learn = () =>
        wire.abilities.downgrade('serialManifests', true, 'fails when two manifests are pushed at once');
      if (isCollision(error)) learn();
      else if (!mayBeCollision(error)) throw error;
      const answer = await inTurn();
      learn();
      return answer;
    }
  }

  async #noted<T>(repository: RepositoryName, work: Promise<T>): Promise<T> {
    const inFlight = this.#inFlight.get(repository) ?? new Set();
    this.#inFlight.set(repository, inFlight.add(work));
    try {
      return await work;
    } finally {
      inFlight.delete(work);
      if (inFlight.size === 0) this.#inFlight.delete(repository);
    }
  }

  /** Those that went out before it was known that they get in each other's way. */
  async #afterAll(repository: RepositoryName): Promise<void> {
    await Promise.allSettled(this.#inFlight.get(repository) ?? new Set<Promise<unknown>>());
  }
}

function takenBy(answer: HttpAnswer): Taken {
  return { subjectProcessed: answer.headers.get('oci-subject') !== undefined };
}

/** What Gitea (500) and Quay (409) say to two at once; an immutable tag is a 409 of another kind. */
function isCollision({ code, serverSaid = '' }: TranshipError): boolean {
  return /^HTTP (409|500)/.test(serverSaid) && (code === 'E_SERVER' || code === 'E_REFUSED');
}

/** What Pulp says where another manifest's end hides the blobs of this one; of a manifest that is refused for good, it holds alone too. */
function mayBeCollision({ code, serverSaid = '' }: TranshipError): boolean {
  return code === 'E_MANIFEST_REFUSED' && serverSaid.startsWith('HTTP 400');
}

async function putManifest(
  place: BlobPlace,
  { descriptor, bytes }: ManifestContent,
  reference: TagName | Digest,
  tags: readonly TagName[],
  options: CallOptions,
): Promise<HttpAnswer> {
  const query = tags.length === 0 ? '' : `?${tags.map((tag) => `tag=${encodeURIComponent(tag)}`).join('&')}`;
  const answer = await place.wire.request({
    method: 'PUT',
    to: manifestPath(place.repository, reference) + query,
    access: toWrite(place.repository),
    headers: { 'content-type': descriptor.mediaType },
    body: bytes,
    ...options,
  });
  const subject = nameOf(place, reference);
  if (answer.status < 200 || answer.status >= 300) throw refused(answer, descriptor, subject);
  checkDigest(answer, descriptor.digest, subject);
  return answer;
}

/** Distribution says of a sha512 digest that the bytes are not what it names, and of a manifest that is too long that it is invalid. */
function refused(answer: HttpAnswer, { digest, size }: Descriptor, subject: string): TranshipError {
  const error = refusal(answer, 'push-manifest', subject);
  const { code, serverSaid } = error;
  if (code === 'E_DIGEST_MISMATCH' && algorithmOf(digest) !== 'sha256') {
    return algorithmUnknown('The registry does not take the digest of the manifest.', subject, serverSaid);
  }
  if (code !== 'E_MANIFEST_REFUSED' || size <= mostBytesAnywhere) return error;
  return new TranshipError('E_TOO_LARGE', 'failed', `The registry does not take a manifest of ${size} bytes.`, {
    subject,
    ...(serverSaid !== undefined && { serverSaid }),
    hint: `Registries have to take ${mostBytesAnywhere} bytes; many take no more.`,
  });
}

function algorithmUnknown(message: string, subject: string, serverSaid?: string): TranshipError {
  return new TranshipError('E_DIGEST_ALGORITHM', 'failed', message, {
    subject,
    ...(serverSaid !== undefined && { serverSaid }),
    hint: 'It does not know this digest algorithm. Images that use it cannot be stored there.',
  });
}

/** What the registry hashed must be what we hashed; it may say nothing. */
function checkDigest({ headers }: HttpAnswer, digest: Digest, subject: string): void {
  const named = parseDigest(headers.get('docker-content-digest') ?? '');
  if (named === undefined || named === digest) return;
  const message = `The registry keeps the manifest as ${named}, not as ${digest}.`;
  if (algorithmOf(named) !== algorithmOf(digest)) throw algorithmUnknown(message, subject);
  throw new TranshipError('E_DIGEST_MISMATCH', 'failed', message, {
    subject,
    hint: 'Something between here and the registry changes what is pushed, or the registry converts it.',
  });
}
