/** One tag at one destination while the run goes on, and the item that it becomes in the report. */
import type { Digest } from '../oci/digest.ts';
import type { PlanItem } from '../plan/types.ts';
import type { ReportItem } from './report.ts';

export interface Entry {
  readonly stage: string;
  readonly source: string;
  readonly destination: string;
  readonly plan?: PlanItem;
  /** What its copy found at the source. */
  readonly digest?: Digest;
  readonly begun: number;
  /** When its last try began and ended, in milliseconds since the epoch. */
  readonly beganAt?: number;
  readonly endedAt?: number;
  /** What became of it; absent while it waits or runs. */
  readonly result?: Result;
  /** Its tag is among those that the plan counted as the same. */
  readonly counted?: true;
}

export type Result = Pick<ReportItem, 'outcome'> & Partial<ReportItem>;

export function itemOf(entry: Entry, dryRun: boolean): ReportItem {
  const { stage, source, destination, plan, digest, begun, beganAt, endedAt } = entry;
  return {
    stage,
    source,
    destination,
    ...(plan && { reason: plan.reason, ...('digest' in plan && { digest: plan.digest }) }),
    ...(digest !== undefined && { digest }),
    ...(entry.result ?? unfinished(entry, dryRun)),
    ...(beganAt !== undefined && { startedAt: new Date(beganAt).toISOString() }),
    ...(beganAt !== undefined && endedAt !== undefined && { milliseconds: Math.max(endedAt - beganAt, 0) }),
    ...(begun > 0 && { passes: begun }),
  };
}

/** A dry run shows what would become of it, any other that it was left. */
function unfinished({ plan, begun }: Entry, dryRun: boolean): Result {
  if (dryRun && plan !== undefined) return foreseen(plan);
  return { outcome: 'not-reached', reason: begun > 0 ? 'the run ended while it was copied' : 'the run ended before' };
}

function foreseen(plan: PlanItem): Result {
  if (plan.action === 'blocked') return blocked(plan);
  if (plan.action === 'prune') return { outcome: 'pruned', previous: plan.previous };
  const { bytes } = plan;
  return {
    outcome: plan.action === 'copy' ? 'copied' : 'updated',
    ...(plan.action === 'update' && { previous: plan.previous }),
    ...(bytes && { bytesMoved: bytes.toMove, bytesPresent: Math.max(bytes.total - bytes.toMove, 0) }),
  };
}

export function blocked({ why, previous }: Extract<PlanItem, { action: 'blocked' }>): Result {
  return { outcome: 'blocked', blocked: why, previous };
}
