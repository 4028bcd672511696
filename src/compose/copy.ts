import { inTime } from '../execute/in-time.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import {
  formatReference,
  type LayoutReference,
  parseReference,
  parseRepositoryReference,
  type Reference,
  type RepositoryReference,
} from '../oci/reference.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import { type CopiedItem, type CopyTask, copyReference, pairs } from './copy-task.ts';
import { noTags } from './list.ts';
import { inPasses } from './passes.ts';
import { type Place, selectorOf, withTag } from './place.ts';
import type { Session } from './session.ts';
import { Unopened } from './unopened.ts';

export type { CopiedItem } from './copy-task.ts';

export interface CopyInput {
  /** `host/repository:tag`, `host/repository@sha256:…`, `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`. */
  readonly source: string;
  /** The source is read once for all of them. */
  readonly destinations: readonly string[];
  /** Every tag of the source; source and destinations are then named without tags. */
  readonly allTags?: boolean;
  /** `os/architecture[/variant]`; only these children of an index. */
  readonly platforms?: readonly string[];
  /** Signatures, SBOMs and attestations travel along. Default true. */
  readonly referrers?: boolean;
  /** Layers too that are published under terms keeping them off other registries, where the source has their bytes. Default false. */
  readonly foreignLayers?: boolean;
  /** Look at both sides and write nothing. */
  readonly dryRun?: boolean;
  /** Tags that are copied at the same time. Default 16. */
  readonly jobs?: number;
  readonly signal?: AbortSignal | undefined;
}

const usualJobs = 16;

/**
 * Copies an image, or every tag of a repository. Throws for what is wrong before anything is tried (a malformed reference, a
 * layout that is none); what happens to each item later is in its outcome.
 */
export async function copy(session: Session, input: CopyInput): Promise<readonly CopiedItem[]> {
  const items = await (input.allTags ? copyAllTags(session, input) : copyOne(session, input));
  if (!input.dryRun && !input.signal?.aborted) await session.commit(input);
  return items;
}

async function copyOne(session: Session, input: CopyInput): Promise<readonly CopiedItem[]> {
  const source = parseReference(input.source);
  const destinations = input.destinations.map((text) => namedLike(parseReference(text), source));
  refuseTwins(destinations.map(formatReference));
  const job = await openJob(session, input, source, destinations);
  const wanted = await at('source', input.source, () => selectorOf(job.source, source, input));
  const pins = destinations.map(({ digest }) => digest).filter((digest) => digest !== undefined);
  if (pins.length > 0) await refuseOtherDigests(job.source, wanted, pins, input);
  const task = { source: job.source, reference: wanted, from: source, to: pairs(destinations, job.places) };
  return copyTasks(session, input, [[task]]);
}

async function copyAllTags(session: Session, input: CopyInput): Promise<readonly CopiedItem[]> {
  const source = parseRepositoryReference(input.source);
  const destinations = input.destinations.map(parseRepositoryReference);
  refuseTwins(destinations.map(formatReference));
  const job = await openJob(session, input, source, destinations);
  const tags = await at('source', input.source, () => Array.fromAsync(job.source.listTags(input)));
  if (tags.length === 0) throw noTags(input.source).at('source', input.source);
  const { ordinary, attached } = byKind(tags, input.referrers !== false);
  const all = new Set(tags);
  const listed = job.places.map(async (place, at) => ({ at, tags: await tagsHeld(place, all.size, input) }));
  const { ready, late } = await inTime(listed);
  const task = (tag: TagName, there: typeof ready, isKnown: boolean): CopyTask => {
    const named = destinations.map((destination) => withTag(destination, tag));
    const to = pairs(named, job.places);
    return {
      source: job.source,
      reference: tag,
      from: withTag(source, tag),
      to: there.flatMap((known) =>
        to.slice(known.at, known.at + 1).map((one) => (isKnown ? { ...one, tags: known.tags } : one)),
      ),
      tags: all,
    };
  };
  // What is attached goes along with its image; its tags are looked at afterwards, when most of them are there.
  const wavesTo = (there: typeof ready) => [
    ordinary.map((tag) => task(tag, there, true)),
    attached.map((tag) => task(tag, there, false)),
  ];
  const copies = [
    copyTasks(session, input, wavesTo(ready)),
    ...late.map(async (place) => copyTasks(session, input, wavesTo([await place]))),
  ];
  return (await Promise.all(copies)).flat();
}

/** A listing is shorter than a question for each tag, unless it holds far more than is copied. */
const longListing = 1000;

/** The tags of a destination; `undefined` where it holds many more than are copied or does not let us list: then each is asked for. */
async function tagsHeld(place: Place, copied: number, input: CopyInput): Promise<ReadonlySet<TagName> | undefined> {
  const held = new Set<TagName>();
  try {
    for await (const tag of place.listTags(input)) {
      if (held.size >= copied + longListing) return undefined;
      held.add(tag);
    }
    return held;
  } catch {
    input.signal?.throwIfAborted();
    return undefined;
  }
}

function copyTasks(
  session: Session,
  input: CopyInput,
  waves: readonly (readonly CopyTask[])[],
): Promise<readonly CopiedItem[]> {
  return inPasses(waves, {
    run: (task) => copyReference(session, input, task),
    width: input.jobs ?? usualJobs,
    emit: session.emit,
    now: () => session.clock.wall(),
    signal: input.signal,
  });
}

interface Job {
  readonly source: Place;
  readonly places: readonly Place[];
}

async function openJob(
  session: Session,
  input: CopyInput,
  source: Reference | RepositoryReference | LayoutReference,
  destinations: readonly (Reference | RepositoryReference | LayoutReference)[],
): Promise<Job> {
  const opened = await at('source', input.source, () => session.open(source, 'read', input));
  const places = await Promise.all(
    destinations.map((destination, index) =>
      at('destination', input.destinations[index] ?? '', () =>
        session.open(destination, input.dryRun ? 'preview' : 'write', input),
      ).catch((error: unknown) => unopened(destination, error, input)),
    ),
  );
  return { source: opened, places };
}

/** One of several that fails for no mistake of the user's fails alone, as one that cannot be reached does. */
function unopened(
  destination: Reference | RepositoryReference | LayoutReference,
  error: unknown,
  { destinations }: CopyInput,
): Place {
  const isMistake = !isTranshipError(error) || error.failure === 'usage' || error.code === 'E_NOT_A_LAYOUT';
  if (isMistake || destinations.length === 1) throw error;
  return new Unopened(formatReference(destination), error);
}

/** Where a layout is named without a tag, the image keeps the tag of its source: a layout's images want names. */
function namedLike(destination: Reference, source: Reference): Reference {
  const needsName = destination.kind === 'layout' && destination.tag === undefined && destination.digest === undefined;
  return needsName && source.tag !== undefined ? { ...destination, tag: source.tag } : destination;
}

/** Tags that exist because of another manifest come last, and not at all where nothing attached is wanted. */
function byKind(tags: readonly TagName[], referrers: boolean) {
  const attachments = tags.filter((tag) => readAttachmentTag(tag) !== undefined);
  const ordinary = tags.filter((tag) => readAttachmentTag(tag) === undefined);
  // Fallback lists are kept by whoever pushes referrers: copying one over would drop what the destination lists besides.
  const attached = attachments.filter((tag) => readAttachmentTag(tag)?.kind !== 'referrers');
  return { ordinary, attached: referrers ? attached : [] };
}

async function refuseOtherDigests(
  source: Place,
  wanted: TagName | Digest,
  pins: readonly Digest[],
  input: CopyInput,
): Promise<void> {
  const found = await at('source', input.source, () => source.resolve(wanted, input));
  if (found === undefined || pins.every((pin) => pin === found.digest)) return;
  throw new TranshipError(
    'E_DIGEST_MISMATCH',
    'usage',
    `The source is ${found.digest}, and a destination names another digest.`,
    {
      side: 'source',
      subject: input.source,
      hint: 'A digest cannot be chosen: name the destination by a tag, or leave the digest out.',
    },
  );
}

function refuseTwins(destinations: readonly string[]): void {
  const twin = destinations.find((each, index) => destinations.indexOf(each) !== index);
  if (twin === undefined) return;
  throw new TranshipError('E_USAGE', 'usage', `The destination ${twin} is named twice.`, { subject: twin });
}

/** Errors of one side say so. */
async function at<T>(side: 'source' | 'destination', subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isTranshipError(error) ? error.at(side, subject) : error;
  }
}
