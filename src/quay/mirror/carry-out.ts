/** Does what a plan says, one repository after another, and goes on where one fails. */
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { applyChange, type QuayChange } from '../declared/change.ts';
import { runInOrder } from './in-order.ts';
import type { GoneMirror, MirrorPlan, RepositoryMirrorPlan } from './plan.ts';

export interface MirrorOutcome {
  readonly plan: RepositoryMirrorPlan;
  /** What was done; in a dry run what would have been. */
  readonly done: readonly QuayChange[];
  readonly error?: TranshipError;
}

export interface CarryOutOptions extends CallOptions {
  readonly dryRun?: boolean;
  /** Told of what was made of the robot, before any repository. */
  readonly tellRobot?: (changes: readonly QuayChange[]) => void;
  /** Told of each repository once it is done, in the plan's order. */
  readonly tell?: (outcome: MirrorOutcome) => void;
}

const parallelRepositories = 4;

/** The robot comes first: without it every mirror is refused. Throws where it cannot be made. */
export async function carryOutMirrors(
  quay: QuayClient,
  plan: MirrorPlan,
  options: CarryOutOptions = {},
): Promise<readonly MirrorOutcome[]> {
  const { dryRun = false, signal, tell = () => undefined } = options;
  if (!dryRun) for (const change of plan.robot) await applyChange(quay, change, { signal });
  options.tellRobot?.(plan.robot);
  const work = (one: RepositoryMirrorPlan) => carryOutOne(quay, one, dryRun, { signal });
  return runInOrder(plan.repositories, parallelRepositories, work, tell);
}

async function carryOutOne(
  quay: QuayClient,
  plan: RepositoryMirrorPlan,
  dryRun: boolean,
  options: CallOptions,
): Promise<MirrorOutcome> {
  if (plan.error !== undefined) return { plan, done: [], error: plan.error };
  if (dryRun) return { plan, done: plan.changes };
  const done: QuayChange[] = [];
  try {
    for (const change of plan.changes) {
      await applyChange(quay, change, options);
      done.push(change);
    }
    return { plan, done };
  } catch (error) {
    return { plan, done, error: failureOf(error, plan.repository) };
  }
}

/** How much may be removed at once: a tenth of the mirrors, and one where there are few. */
export function removalCap(mirrors: number): number {
  return Math.max(1, Math.floor(mirrors / 10));
}

/** Removes repositories whose source is gone for certain. Throws `E_QUAY_PRUNE_CAP` before any where they are too many. */
export async function removeGone(
  quay: QuayClient,
  gone: readonly GoneMirror[],
  cap: number,
  options: CarryOutOptions = {},
): Promise<readonly MirrorOutcome[]> {
  const certain = gone.filter((one) => one.certain);
  if (certain.length > cap) throw tooMany(quay, certain.length, cap);
  const work = ({ repository, removal }: GoneMirror) =>
    carryOutOne(
      quay,
      { repository, situation: 'mirror', state: 'MIRROR', changes: [removal] },
      options.dryRun === true,
      options,
    );
  return runInOrder(certain, 1, work, options.tell ?? (() => undefined));
}

function tooMany(quay: QuayClient, count: number, cap: number): TranshipError {
  return new TranshipError(
    'E_QUAY_PRUNE_CAP',
    'refused',
    `The sources of ${count} mirrors are gone, and at most ${cap} may be removed at once`,
    {
      side: 'destination',
      subject: quay.server,
      hint: 'Check that the source is complete, then raise --max-deletions. Nothing was removed.',
    },
  );
}

function failureOf(error: unknown, repository: string): TranshipError {
  if (!isTranshipError(error) || error.failure === 'cancelled') throw error;
  return error.at('destination', repository);
}
