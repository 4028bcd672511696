import { type VerifyOptions, verifySync } from '../execute/verify/verify.ts';
import type { Verification } from '../report/verification.ts';
import { carryOut, type SyncInput, type SyncSession } from './sync.ts';

export type VerifyInput = SyncInput & Pick<VerifyOptions, 'full' | 'repair'>;

/** Looks whether the destinations hold everything. With `repair` a run goes first, which brings the tags that differ. */
export async function verify(sync: SyncSession, input: VerifyInput = {}): Promise<Verification> {
  if (input.repair) await carryOut(sync, { ...input, prunes: false });
  return verifySync(sync.intent.config, sync.world, {
    ...input,
    intent: sync.intent.file,
    emit: sync.session.emit,
    now: () => sync.session.clock.wall(),
  });
}
