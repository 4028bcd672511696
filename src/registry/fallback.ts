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
  readonly #waiting = new Map<string, Batch>();

  constructor(pusher: ManifestPusher) {
    this.#pusher = pusher;
  }

  /** Entries that come while the list is being written are written together next: a thousand one by one take minutes. */
  add(place: BlobPlace, subject: Digest, added: readonly Descriptor[], options: CallOptions): Promise<void> {
    const key = keyOf(place, subject);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined && waiting.signal === options.signal) {
      waiting.entries.push(...added);
      return waiting.written;
    }
    const entries = [...added];
    const close = () => {
      if (this.#waiting.get(key)?.entries === entries) this.#waiting.delete(key);
    };
    const written = this.#change(place, subject, options, (listed) => {
      close();
      return withEntries(listed, entries);
    }).finally(close);
    this.#waiting.set(key, { entries, signal: options.signal, written });
    return written;
  }

  remove(place: BlobPlace, subject: Digest, referrer: Digest, options: CallOptions): Promise<void> {
    return this.#change(place, subject, options, (entries) =>
      entries.some(({ digest }) => digest === referrer)
        ? entries.filter(({ digest }) => digest !== referrer)
        : undefined,
    );
  }

  #change(place: BlobPlace, subject: Digest, options: CallOptions, change: Change): Promise<void> {
    return this.#turns.run(keyOf(place, subject), async () => {
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

/** Entries that wait for their turn, for callers who stop together. */
interface Batch {
  readonly entries: Descriptor[];
  readonly signal: AbortSignal | undefined;
  readonly written: Promise<void>;
}

/** The entries as they should be, or `undefined` where they are. */
type Change = (entries: readonly Descriptor[]) => readonly Descriptor[] | undefined;

function keyOf({ repository }: BlobPlace, subject: Digest): string {
  return `${repository}@${subject}`;
}

function withEntries(listed: readonly Descriptor[], added: readonly Descriptor[]): readonly Descriptor[] | undefined {
  const missing = new Map<Digest, Descriptor>();
  for (const entry of added) if (!listed.some((one) => isSameEntry(one, entry))) missing.set(entry.digest, entry);
  if (missing.size === 0) return undefined;
  return [...listed.filter(({ digest }) => !missing.has(digest)), ...missing.values()];
}

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
