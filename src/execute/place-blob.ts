import type { Descriptor } from '../oci/descriptor.ts';
import { isTranshipError } from '../oci/errors.ts';
import { type ContentReader, supports } from '../oci/ports.ts';
import type { BlobOutcome } from '../report/events.ts';
import { sideOf } from './failure.ts';
import type { Branch } from './fan-out.ts';
import { mismatchRetries } from './limits.ts';
import { withProgress } from './progress.ts';
import type { Slot } from './slot.ts';
import type { Target } from './target.ts';

export interface PlaceBlobOptions {
  readonly source: ContentReader;
  readonly branch: Branch;
  readonly slot: Slot;
  /** Whether the destination may have it already and is worth asking. */
  readonly ask: boolean;
  /** Send the bytes whatever is believed: the destination said that it has not got them. */
  readonly force?: boolean;
  readonly dryRun?: boolean | undefined;
  readonly now: () => number;
}

/**
 * Makes sure that `blob` is at the target, at the least cost: known, on its way already, there, mounted, or sent. Each blob travels
 * once per registry; who comes later waits and mounts.
 */
export async function placeBlob(target: Target, blob: Descriptor, options: PlaceBlobOptions): Promise<BlobOutcome> {
  const { repository } = target;
  try {
    for (let arriving = repository.arriving(blob.digest); arriving; arriving = repository.arriving(blob.digest)) {
      options.branch.leave();
      await arriving.catch(() => undefined);
      target.signal.throwIfAborted();
    }
    if (repository.holds(blob.digest)) return 'present';
    return await repository.lead(blob.digest, () => bring(target, blob, options));
  } catch (error) {
    throw sideOf(error, 'destination', target.place.location);
  } finally {
    options.branch.leave();
  }
}

async function bring(target: Target, blob: Descriptor, options: PlaceBlobOptions): Promise<BlobOutcome> {
  const { place, signal, repository } = target;
  if (options.ask && (await place.hasBlob(blob, { signal }))) return 'present';
  if (options.dryRun) return foresee(target, blob, options);
  // Another repository of the registry may get the blob just now: then it is mounted from there afterwards.
  for (let wait = arrivalElsewhere(target, blob, options); wait; wait = arrivalElsewhere(target, blob, options)) {
    options.branch.leave();
    await wait;
    signal.throwIfAborted();
  }
  const from = options.force ? undefined : holderFor(target, blob, options);
  if (from !== undefined && (await mount(target, blob, from))) return 'mounted';
  // Nothing is awaited between the last look at what arrives and here, or two would send the same blob.
  const arrival = options.slot.take().then(() => push(target, blob, options));
  repository.registry.lead(blob.digest, place, arrival);
  await arrival;
  return 'copied';
}

/** What would happen, noted at once, so that of several images that share a blob only one is told to move it. */
function foresee(target: Target, blob: Descriptor, options: PlaceBlobOptions): BlobOutcome {
  const outcome = holderFor(target, blob, options) === undefined ? 'copied' : 'mounted';
  target.repository.note(blob.digest);
  return outcome;
}

function arrivalElsewhere(target: Target, blob: Descriptor, { force }: PlaceBlobOptions): Promise<void> | undefined {
  const { registry } = target.repository;
  return force || !registry.mountsAreWorthwhile ? undefined : registry.arriving(blob.digest);
}

function holderFor(target: Target, blob: Descriptor, { source }: PlaceBlobOptions): ContentReader | undefined {
  const { place, repository } = target;
  if (!supports(place, 'mount') || !repository.registry.mountsAreWorthwhile) return undefined;
  return [repository.registry.holderOf(blob.digest), source].find(
    (holder) =>
      holder !== undefined &&
      holder.location !== place.location &&
      repository.mayMountFrom(holder.location) &&
      place.canMountFrom(holder),
  );
}

async function mount({ place, repository, signal }: Target, blob: Descriptor, from: ContentReader): Promise<boolean> {
  const taken = supports(place, 'mount') && (await place.mountBlob(blob, from, { signal }));
  repository.registry.countMount(taken);
  if (!taken) repository.mountRefused(from.location);
  return taken;
}

async function push(target: Target, blob: Descriptor, { branch, now }: PlaceBlobOptions): Promise<void> {
  // It may have waited for its slot, and the run been stopped meanwhile.
  target.signal.throwIfAborted();
  target.emit({ type: 'blob-started', digest: blob.digest, size: blob.size });
  let most = 0;
  const source = withProgress(branch, now, (bytes) => {
    // Sending the same once more gets nobody on.
    if (bytes > most) target.repository.registry.pulse.beat();
    most = Math.max(most, bytes);
    target.emit({ type: 'blob-progress', digest: blob.digest, bytes });
  });
  for (let attempt = 0; ; attempt++) {
    try {
      return await target.place.pushBlob(blob, source, { signal: target.signal });
    } catch (error) {
      if (attempt >= mismatchRetries || !isWrongAtSource(error)) throw error;
    }
  }
}

function isWrongAtSource(error: unknown): boolean {
  return isTranshipError(error) && error.side === 'source' && wrongBytes.has(error.code);
}

const wrongBytes: ReadonlySet<string> = new Set(['E_DIGEST_MISMATCH', 'E_SIZE_MISMATCH']);
