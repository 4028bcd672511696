import { isDigest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import { isTagName } from '../oci/names.ts';
import type { ListedTag } from './types.ts';

/** A tag as an API showed it, not yet looked at. */
export interface RawTag {
  readonly name: unknown;
  readonly digest?: unknown;
  readonly mediaType?: unknown;
  readonly createdAt?: unknown;
  readonly updatedAt?: unknown;
  readonly size?: unknown;
}

const mostTags = 500_000;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * The tags among `raw`, none twice. What is no tag is left out, and so is what is no digest, time or size. A tag that comes
 * twice with different digests was moved while the pages were read: it stays without one, and is asked for by itself.
 * Throws `E_LIMIT` where there are more than any repository has.
 */
export function listedTags(raw: Iterable<RawTag>, subject: string): readonly ListedTag[] {
  const gathered = new Gathered(subject);
  for (const entry of raw) gathered.add(entry);
  return gathered.all();
}

/** The same for tags that come page by page: of a page that was gone through nothing else is kept. */
export async function gatheredTags(raw: AsyncIterable<RawTag>, subject: string): Promise<readonly ListedTag[]> {
  const gathered = new Gathered(subject);
  for await (const entry of raw) gathered.add(entry);
  return gathered.all();
}

class Gathered {
  readonly #subject: string;
  readonly #tags = new Map<string, ListedTag>();

  constructor(subject: string) {
    this.#subject = subject;
  }

  add(entry: RawTag): void {
    const tag = listedTag(entry);
    if (tag === undefined) return;
    const before = this.#tags.get(tag.tag);
    if (before === undefined && this.#tags.size >= mostTags) throw tooMany(this.#subject);
    this.#tags.set(tag.tag, before === undefined || before.digest === tag.digest ? tag : { tag: tag.tag });
  }

  all(): readonly ListedTag[] {
    return [...this.#tags.values()];
  }
}

function listedTag({ name, digest, mediaType, createdAt, updatedAt, size }: RawTag): ListedTag | undefined {
  if (typeof name !== 'string' || !isTagName(name)) return undefined;
  return {
    tag: name,
    ...(typeof digest === 'string' && isDigest(digest) && { digest }),
    ...(typeof mediaType === 'string' && mediaType !== '' && { mediaType }),
    ...(isTime(createdAt) && { createdAt }),
    ...(isTime(updatedAt) && { updatedAt }),
    ...(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 && { size }),
  };
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && rfc3339.test(value) && !Number.isNaN(Date.parse(value));
}

/** A time in milliseconds since the epoch as RFC 3339; `undefined` where it is none. */
export function timeOf(milliseconds: unknown): string | undefined {
  const time = typeof milliseconds === 'number' || typeof milliseconds === 'string' ? Number(milliseconds) : Number.NaN;
  return Number.isFinite(time) && time > 0 && time < 253_402_300_800_000 ? new Date(time).toISOString() : undefined;
}

function tooMany(subject: string): TranshipError {
  return new TranshipError('E_LIMIT', 'refused', `The listing holds more than ${mostTags} tags.`, { subject });
}
