import type { Descriptor } from '../oci/descriptor.ts';
import { isTranshipError } from '../oci/errors.ts';
import { type ContentReader, supports } from '../oci/ports.ts';
import type { BlobOutcome } from '../report/events.ts';
import { sideOf } from './failure.ts';
import type { Branch } from './fan-out.ts';
import { mismatchRetries } from './limits.ts';
import { withProgress } from './progress.ts';
import type { Target } from './target.ts';

export interface PlaceBlobOptions {
  readonly source: ContentReader;
  readonly branch: Branch;
  /** Whether the destination may have it already and is worth asking. */
  readonly ask: boolean;
  /** Send the bytes whatever is believed: the destination said that it has not got them. */
  readonly force?: boolean;
  readonly dryRun?: boolean | undefined;
  readonly now: () => number;
}

/**
 * Makes sure that `blob` is at the target, at the least cost: known, on its way already, there, mounted, or sent. Each blob travels
 * once per registry; who comes later waits and mounts (F25).
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
  const { place, signal } = target;
  if (options.ask && (await place.hasBlob(blob, { signal }))) return 'present';
  if (options.dryRun) return 'copied';
  if (!options.force && (await mount(target, blob, options))) return 'mounted';
  await leadPush(target, blob, options);
  return 'copied';
}

/** Nothing may be awaited between the last look at what arrives and here, or two would lead. */
function leadPush(target: Target, blob: Descriptor, options: PlaceBlobOptions): Promise<void> {
  const arrival = push(target, blob, options);
  target.repository.registry.lead(blob.digest, target.place, arrival);
  return arrival;
}

async function mount(target: Target, blob: Descriptor, options: PlaceBlobOptions): Promise<boolean> {
  const { place, repository, signal } = target;
  const { registry } = repository;
  if (!supports(place, 'mount') || !registry.mountsAreWorthwhile) return false;
  for (let arriving = registry.arriving(blob.digest); arriving; arriving = registry.arriving(blob.digest)) {
    options.branch.leave();
    await arriving;
    signal.throwIfAborted();
  }
  const from = [registry.holderOf(blob.digest), options.source].find(
    (holder) =>
      holder !== undefined &&
      holder.location !== place.location &&
      repository.mayMountFrom(holder.location) &&
      place.canMountFrom(holder),
  );
  if (from === undefined) return false;
  const taken = await place.mountBlob(blob, from, { signal });
  registry.countMount(taken);
  if (!taken) repository.mountRefused(from.location);
  return taken;
}

async function push(target: Target, blob: Descriptor, { branch, now }: PlaceBlobOptions): Promise<void> {
  target.emit({ type: 'blob-started', digest: blob.digest, size: blob.size });
  const source = withProgress(branch, now, (bytes) =>
    target.emit({ type: 'blob-progress', digest: blob.digest, bytes }),
  );
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
