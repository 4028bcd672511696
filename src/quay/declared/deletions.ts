/** Deletions need to be asked for, and even then stay under a cap: a mistake in a file must not empty a registry. */
import { TranshipError } from '../../oci/errors.ts';
import type { QuayChange } from './change.ts';
import type { PlanPart, StatePlan } from './state-plan.ts';

/** The most that a run deletes without more being allowed: so many objects, or the share of what was looked at. */
const fewest = 3;
const share = 0.1;

export interface DeletionOptions {
  readonly prune: boolean;
  /** Absent: the built-in cap. */
  readonly max?: number | undefined;
}

/** The plan without what is not to be deleted now, and that apart. */
export function withoutDeletions(plan: StatePlan): { readonly plan: StatePlan; readonly held: readonly QuayChange[] } {
  const kept = plan.parts.map((part) => ({
    ...part,
    changes: part.changes.filter(({ action }) => action !== 'delete'),
  }));
  const held = plan.parts.flatMap((part) => part.changes.filter(({ action }) => action === 'delete'));
  return { plan: { ...plan, parts: kept }, held };
}

/** An organisation weighs what it holds. */
export function deletionsOf(plan: StatePlan): number {
  return plan.parts.reduce((sum, part) => sum + weightOf(part), 0);
}

function weightOf(part: PlanPart): number {
  const deletions = part.changes.filter(({ action }) => action === 'delete').length;
  return deletions === 0 ? 0 : deletions + part.repositoriesWithin;
}

export function deletionCap(plan: StatePlan): number {
  return Math.max(fewest, Math.floor((plan.seen + within(plan)) * share));
}

function within(plan: StatePlan): number {
  return plan.parts.reduce((sum, part) => sum + part.repositoriesWithin, 0);
}

/** The refusal of a plan that deletes more than is allowed. */
export function overCap(plan: StatePlan, { max }: Pick<DeletionOptions, 'max'>): TranshipError | undefined {
  const cap = max ?? deletionCap(plan);
  const deletions = deletionsOf(plan);
  if (deletions <= cap) return undefined;
  return new TranshipError(
    'E_QUAY_PRUNE_CAP',
    'refused',
    `This would delete ${deletions} objects, and at most ${cap} are allowed`,
    {
      subject: plan.server,
      hint: `Nothing was changed. If it is meant, say so: --max-deletions ${deletions}.`,
    },
  );
}
