/** Carries a plan out: one change after the other, going on after a failure with everything that does not stand on it. */
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { applyChange, type QuayChange } from './change.ts';
import { needsOf } from './depend.ts';
import type { StatePlan } from './state-plan.ts';

export interface ChangeResult {
  /** The organisation, or `users`. */
  readonly part: string;
  readonly change: QuayChange;
  readonly outcome: 'done' | 'failed' | 'skipped';
  readonly error?: TranshipError;
  /** Why it was skipped. */
  readonly because?: string;
}

export interface RunOptions extends CallOptions {
  readonly onResult?: (result: ChangeResult) => void;
}

/** Never throws for what a change did; every change has a result. */
export async function runPlan(
  quay: QuayClient,
  plan: StatePlan,
  options: RunOptions = {},
): Promise<readonly ChangeResult[]> {
  const results: ChangeResult[] = [];
  const notMade = new Set<string>();
  let stopped: string | undefined;
  for (const { name: part, changes } of plan.parts) {
    for (const change of changes) {
      const result = await attempt(change, part);
      if (result.outcome !== 'done' && change.action === 'create') notMade.add(change.object);
      results.push(result);
      options.onResult?.(result);
    }
  }
  return results;

  async function attempt(change: QuayChange, part: string): Promise<ChangeResult> {
    if (options.signal?.aborted === true) stopped = 'the run was stopped';
    const missing = [...needsOf(change)].find((object) => notMade.has(object));
    const because = stopped ?? (missing === undefined ? undefined : `${missing} could not be made`);
    if (because !== undefined) return { part, change, outcome: 'skipped', because };
    try {
      await applyChange(quay, change, options);
      return { part, change, outcome: 'done' };
    } catch (error) {
      if (options.signal?.aborted === true) stopped = 'the run was stopped';
      if (!isTranshipError(error)) {
        if (stopped === undefined) throw error;
        return { part, change, outcome: 'failed', error: interrupted(error) };
      }
      if (error.code === 'E_QUAY_TOKEN') stopped = 'the token died';
      return { part, change, outcome: 'failed', error };
    }
  }
}

function interrupted(cause: unknown): TranshipError {
  return new TranshipError('E_CANCELLED', 'cancelled', 'Stopped in the middle of it', { cause });
}
