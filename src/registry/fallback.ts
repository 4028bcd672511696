import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { Manifest } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/media-type.ts';
import type { CallOptions, ManifestContent } from '../oci/ports.ts';
import { fallbackTagOf } from '../oci/referrers-tag.ts';
import type { BlobPlace } from './blobs.ts';
import { InTurn } from './in-turn.ts';
import { nameOf } from './manifests.ts';
import type { ManifestPusher } from './push-manifest.ts';
import { type FallbackIndex, fallbackIndex } from './referrers.ts';

/** Writings of one index that another writer overwrote before it is given up. */
const mostWritings = 4;

/**
 * Keeps the index of referrers under a subject's fallback tag, for registries that keep none (distribution-spec,
 * "Pushing Manifests with Subject"). Two writers lose each other's entries, so each subject is written in turn, and read
 * again after writing: another process may have come between.
 */
export class FallbackWriter {
  readonly #pusher: ManifestPusher;
  readonly #turns = new InTurn<string>();

  constructor(pusher: ManifestPusher) {
    this.#pusher = pusher;
  }

  add(place: BlobPlace, subject: Digest, added: readonly Descriptor[], options: CallOptions): Promise<void> {
    return this.#change(place, subject, options, (entries) => {
      const missing = added.filter((entry) => !entries.some((one) => isSameEntry(one, entry)));
      if (missing.length === 0) return undefined;
      const replaced = new Set(missing.map(({ digest }) => digest));
      return [...entries.filter(({ digest }) => !replaced.has(digest)), ...missing];
    });
  }

  remove(place: BlobPlace, subject: Digest, referrer: Digest, options: CallOptions): Promise<void> {
    return this.#change(place, subject, options, (entries) =>
      entries.some(({ digest }) => digest === referrer)
        ? entries.filter(({ digest }) => digest !== referrer)
        : undefined,
    );
  }

  #change(place: BlobPlace, subject: Digest, options: CallOptions, change: Change): Promise<void> {
    return this.#turns.run(`${place.repository}@${subject}`, async () => {
      for (let writing = 1; writing <= mostWritings; writing++) {
        const index = await fallbackIndex(place, subject, options);
        const entries = change(index.entries);
        if (entries === undefined) return;
        await this.#pusher.push(place, indexOf(index, entries), [fallbackTagOf(subject)], options);
      }
      if (change((await fallbackIndex(place, subject, options)).entries) !== undefined) throw contended(place, subject);
    });
  }
}

/** The entries as they should be, or `undefined` where they are. */
type Change = (entries: readonly Descriptor[]) => readonly Descriptor[] | undefined;

/**
 * A referrer as its list shows it: with its own annotations and its type, which for an image without one is its
 * configuration's. Computed from the manifest: other tools have written wrong entries.
 */
export function referrerEntry(
  { descriptor }: ManifestContent,
  manifest: Exclude<Manifest, { kind: 'schema1' }>,
): Descriptor {
  const ofConfig = manifest.kind === 'image' ? manifest.config?.mediaType : undefined;
  const artifactType = manifest.artifactType ?? ofConfig;
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    ...(artifactType !== undefined && { artifactType }),
    ...(manifest.annotations && { annotations: manifest.annotations }),
  };
}

function indexOf({ annotations }: FallbackIndex, manifests: readonly Descriptor[]): ManifestContent {
  const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests, ...(annotations && { annotations }) };
  const bytes = Buffer.from(JSON.stringify(document));
  return { descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length }, bytes };
}

function isSameEntry(a: Descriptor, b: Descriptor): boolean {
  return (
    a.digest === b.digest &&
    a.mediaType === b.mediaType &&
    a.size === b.size &&
    a.artifactType === b.artifactType &&
    isSameMap(a.annotations ?? {}, b.annotations ?? {})
  );
}

function isSameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function contended(place: BlobPlace, subject: Digest): TranshipError {
  return new TranshipError('E_CONTENDED', 'temporary', 'Another writer keeps changing the list of referrers.', {
    subject: nameOf(place, fallbackTagOf(subject)),
    hint: 'Let one run at a time write to this repository.',
  });
}
