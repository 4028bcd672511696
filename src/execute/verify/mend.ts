/** Brings again what is missing or wrong of one image. */
import type { StageConfig } from '../../config/types.ts';
import type { Digest } from '../../oci/digest.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { TagName } from '../../oci/names.ts';
import { parsePlatform } from '../../oci/platform.ts';
import type { ContentReader, ContentWriter } from '../../oci/ports.ts';
import type { EventListener } from '../../report/events.ts';
import { copyImage } from '../copy-image.ts';
import { Ledger } from '../ledger.ts';
import { verifiedBlob } from '../verified-source.ts';
import { type Damage, Walker } from './walk.ts';

export interface MendContext {
  readonly stage: StageConfig;
  readonly source: ContentReader;
  readonly place: ContentWriter;
  readonly full?: boolean | undefined;
  readonly emit: EventListener;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends the blobs, then has the image copied as if its tag were new, which brings the manifests and referrers that are absent.
 * Throws `E_NOT_REPAIRED` where it is not whole afterwards: some registries keep the bytes that they have.
 */
export async function mend(
  digest: Digest,
  target: TagName,
  damages: readonly Damage[],
  context: MendContext,
): Promise<void> {
  const { source, place, signal } = context;
  for (const { what, descriptor } of damages) {
    if (what === 'blob') await place.pushBlob(descriptor, verifiedBlob(source, descriptor), { signal });
  }
  if (damages.some(({ what }) => what !== 'blob')) await copyAgain(digest, target, context);
  await requireWhole(digest, target, context);
}

async function copyAgain(digest: Digest, target: TagName, context: MendContext): Promise<void> {
  const { stage, source, place, emit, now, signal } = context;
  const { outcomes } = await copyImage({
    id: `${source.location}@${digest} → ${place.location}:${target}`,
    source,
    reference: digest,
    destinations: [{ place, tags: [target], observed: null }],
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

async function requireWhole(
  digest: Digest,
  target: TagName,
  { place, stage, full, signal }: MendContext,
): Promise<void> {
  const platforms = stage.platforms === 'all' ? undefined : stage.platforms.map(parsePlatform);
  const left = await new Walker(place, { ...(full && { full }), platforms, signal }).image(digest);
  const [first] = left;
  if (first === undefined) return;
  throw new TranshipError('E_NOT_REPAIRED', 'failed', `The ${first.what} ${first.digest} is still not right.`, {
    side: 'destination',
    subject: `${place.location}:${target}`,
    hint: 'The registry keeps the bytes that it has. Delete the image there, collect its garbage, then sync again.',
  });
}
