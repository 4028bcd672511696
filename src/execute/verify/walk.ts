/** Walks an image at a place down to its last byte, and tells what of it is missing or wrong. */
import { AdaptiveLimiter } from '../../kit/limiter.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { isTranshipError } from '../../oci/errors.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { kindOf } from '../../oci/media-type.ts';
import type { Platform } from '../../oci/platform.ts';
import type { ContentReader, ContentWriter, ManifestContent } from '../../oci/ports.ts';
import { successorsOf } from '../../oci/successors.ts';
import { deepestNesting } from '../limits.ts';
import { choosePlatforms } from '../platforms.ts';
import { verifiedBlob } from '../verified-source.ts';

/** A piece of an image that is not as it should be. */
export interface Damage {
  readonly what: 'manifest' | 'blob' | 'referrer';
  readonly digest: Digest;
  readonly problem: 'missing' | 'wrong content';
  readonly descriptor: Descriptor;
}

export interface WalkOptions {
  /** Read every blob and check its digest, instead of asking whether it is there. */
  readonly full?: boolean;
  /** The children of an index that were copied; the others may be absent. */
  readonly platforms?: readonly Platform[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Small requests at once of one repository's walk. */
const looksInFlight = 32;

/** Blobs read at once with `full`. */
const readsInFlight = 4;

/** Walks images of one repository; what several of them share is looked at once. */
export class Walker {
  readonly #place: Pick<ContentWriter, 'hasBlob'> & ContentReader;
  readonly #options: WalkOptions;
  readonly #limiter: AdaptiveLimiter;
  readonly #seen = new Map<Digest, Promise<readonly Damage[]>>();
  readonly #children = new Map<Digest, readonly Digest[]>();

  constructor(place: Pick<ContentWriter, 'hasBlob'> & ContentReader, options: WalkOptions) {
    this.#place = place;
    this.#options = options;
    this.#limiter = new AdaptiveLimiter(options.full ? readsInFlight : looksInFlight);
  }

  /** The image's damages, in the order in which they can be mended: what something stands on comes before it. */
  async image(digest: Digest): Promise<readonly Damage[]> {
    const damages = await this.#manifest({ mediaType: '', digest, size: 0 }, 0);
    return [...new Map(damages.map((damage) => [damage.digest, damage])).values()];
  }

  /** The manifests of an image that was walked, itself first. */
  manifestsUnder(digest: Digest): readonly Digest[] {
    const found = new Set<Digest>();
    const visit = (each: Digest): void => {
      if (found.has(each)) return;
      found.add(each);
      this.#children.get(each)?.forEach(visit);
    };
    visit(digest);
    return [...found];
  }

  #manifest(descriptor: Descriptor, depth: number): Promise<readonly Damage[]> {
    return this.#once(descriptor.digest, () => this.#lookIntoManifest(descriptor, depth));
  }

  async #lookIntoManifest(descriptor: Descriptor, depth: number): Promise<readonly Damage[]> {
    const { digest } = descriptor;
    const found = await this.#slot(() => this.#fetch(digest));
    if (typeof found === 'string') return [{ what: 'manifest', digest, problem: found, descriptor }];
    const manifest = parsed(found);
    if (manifest === undefined) return [{ what: 'manifest', digest, problem: 'wrong content', descriptor }];
    const { blobs, children } = successorsOf(manifest);
    const { platforms } = this.#options;
    const wanted =
      platforms && manifest.kind === 'index' ? choosePlatforms(manifest.children, platforms).kept : children;
    const isManifest = (child: Descriptor) => kindOf(child.mediaType) !== undefined && depth < deepestNesting;
    this.#children.set(
      digest,
      wanted.filter(isManifest).map((child) => child.digest),
    );
    const below = await Promise.all([
      ...blobs.map((blob) => this.#blob(blob)),
      ...wanted.map((child) => (isManifest(child) ? this.#manifest(child, depth + 1) : this.#stray(child))),
    ]);
    return below.flat();
  }

  async #fetch(digest: Digest) {
    try {
      return await this.#place.fetchManifest(digest, { signal: this.#options.signal });
    } catch (error) {
      return problemOf(error);
    }
  }

  #blob(blob: Descriptor): Promise<readonly Damage[]> {
    return this.#once(blob.digest, async () => {
      const problem = await this.#slot(() => this.#problemOfBlob(blob));
      return problem === undefined ? [] : [{ what: 'blob', digest: blob.digest, problem, descriptor: blob }];
    });
  }

  /** An entry of unknown kind is where a copy put it: among the blobs or among the manifests. */
  async #stray(entry: Descriptor): Promise<readonly Damage[]> {
    const damages = await this.#blob(entry);
    if (damages.length === 0) return damages;
    return typeof (await this.#slot(() => this.#fetch(entry.digest))) === 'string' ? damages : [];
  }

  async #problemOfBlob(blob: Descriptor): Promise<Damage['problem'] | undefined> {
    const { full, signal } = this.#options;
    if (!full) return (await this.#place.hasBlob(blob, { signal })) ? undefined : 'missing';
    try {
      for await (const chunk of await verifiedBlob(this.#place, blob).open(0, { signal })) chunk.release();
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  #once(digest: Digest, look: () => Promise<readonly Damage[]>): Promise<readonly Damage[]> {
    const known = this.#seen.get(digest) ?? look();
    this.#seen.set(digest, known);
    return known;
  }

  async #slot<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#limiter.acquire({ signal: this.#options.signal });
    try {
      return await work();
    } finally {
      release();
    }
  }
}

function parsed({ bytes, descriptor }: ManifestContent) {
  try {
    return parseManifest(bytes, descriptor.mediaType);
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

/** What an error says of the content; one that says nothing of it is thrown on. */
function problemOf(error: unknown): Damage['problem'] {
  if (!isTranshipError(error)) throw error;
  if (missing.has(error.code)) return 'missing';
  if (wrong.has(error.code)) return 'wrong content';
  throw error;
}

const missing: ReadonlySet<string> = new Set(['E_MANIFEST_UNKNOWN', 'E_BLOB_UNKNOWN']);
const wrong: ReadonlySet<string> = new Set([
  'E_DIGEST_MISMATCH',
  'E_SIZE_MISMATCH',
  'E_CUT',
  'E_MANIFEST_INVALID',
  'E_MANIFEST_KIND',
  'E_NOT_A_MANIFEST',
]);
