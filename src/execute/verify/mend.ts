/** Brings again what is missing or wrong of one image. */
import type { Digest } from '../../oci/digest.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { TagName } from '../../oci/names.ts';
import { parsePlatform } from '../../oci/platform.ts';
import type { EventListener } from '../../report/events.ts';
import { copyImage } from '../copy-image.ts';
import { Ledger } from '../ledger.ts';
import { verifiedBlob } from '../verified-source.ts';
import { type Examination, Examiner } from './examine.ts';
import type { Damage } from './walk.ts';

export interface MendContext extends Examination {
  readonly emit: EventListener;
  readonly now: () => number;
}

export interface Damaged {
  /** What the source's tag names. */
  readonly digest: Digest;
  /** What the destination's tag names: the same, or the index with fewer platforms. */
  readonly root: Digest;
  readonly target: TagName;
  readonly damages: readonly Damage[];
}

/**
 * Sends the blobs, then each manifest with what it stands on; where the image itself, something that refers to it, or an index
 * that was made for chosen platforms is missing, the image is copied as if its tag were new. Throws `E_NOT_REPAIRED` where it is not
 * whole afterwards: some registries keep the bytes that they have.
 */
export async function mend({ digest, root, target, damages }: Damaged, context: MendContext): Promise<void> {
  const { source, place, signal } = context;
  let isImageWanted = false;
  for (const damage of damages) {
    const { what, descriptor } = damage;
    if (what === 'blob') await place.pushBlob(descriptor, verifiedBlob(source, descriptor), { signal });
    // An index above it that is there vouches for it, so a manifest is brought by itself where the source has it.
    else if (what === 'referrer' || damage.digest === root || !(await bringManifest(damage, context)))
      isImageWanted = true;
  }
  if (isImageWanted) await copyAgain(digest, [target], context);
  for (const damage of damages) if (damage.what === 'referrer') await pushAgain(damage.digest, context);
  await requireWhole(root, target, context);
}

/** `false` for an index that was made for chosen platforms: the source does not have it, and it is made again with the image. */
async function bringManifest({ digest, problem }: Damage, context: MendContext): Promise<boolean> {
  const { source, signal } = context;
  if ((await source.resolve(digest, { signal })) === undefined) return false;
  await copyAgain(digest, [], context);
  if (problem === 'wrong content') await pushAgain(digest, context);
  return true;
}

/** What the registry has it is not sent by a copy: so that it stores other bytes, or lists a referrer that it lost from its list. */
async function pushAgain(digest: Digest, { source, place, signal }: MendContext): Promise<void> {
  await place.pushManifest(await source.fetchManifest(digest, { signal }), [], { signal });
}

async function copyAgain(digest: Digest, tags: readonly TagName[], context: MendContext): Promise<void> {
  const { stage, source, place, emit, now, signal } = context;
  const { outcomes } = await copyImage({
    id: `${source.location}@${digest} → ${place.location}:${tags.join() || digest}`,
    source,
    reference: digest,
    destinations: [{ place, tags, observed: null }],
    options: {
      referrers: stage.referrers === 'never' ? 'never' : 'always',
      ...(stage.platforms !== 'all' && { platforms: stage.platforms.map(parsePlatform) }),
      ...(stage.foreignLayers === 'copy' && { foreignLayers: true }),
    },
    // What was believed of the destination was wrong.
    ledger: new Ledger(),
    emit,
    now,
    signal,
  });
  for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
}

async function requireWhole(root: Digest, target: TagName, context: MendContext): Promise<void> {
  const left = await new Examiner(context).image(root);
  const [first] = left;
  if (first === undefined) return;
  throw new TranshipError('E_NOT_REPAIRED', 'failed', `The ${first.what} ${first.digest} is still not right.`, {
    side: 'destination',
    subject: `${context.place.location}:${target}`,
    hint: 'The registry keeps the bytes that it has. Delete the image there, collect its garbage, then sync again.',
  });
}
