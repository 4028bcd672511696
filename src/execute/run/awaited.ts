/**
 * What a dry run cannot see: a stage that reads what an earlier stage would have written. Where that earlier stage has
 * something to bring, too few tags are no failure; the stage looks again when it really starts.
 */
import type { StageConfig } from '../../config/types.ts';
import type { RepositoryPlan } from '../../plan/types.ts';
import type { Failure } from '../../report/events.ts';
import type { RepositoryWork } from './repository-work.ts';

export interface Awaiting {
  readonly stage: StageConfig;
  readonly stages: readonly StageConfig[];
  /** The plans so far: those of all stages that this one depends on are among them. */
  readonly plans: readonly RepositoryPlan[];
}

const absences = new Set(['E_TOO_FEW_TAGS', 'E_TOO_FEW_REPOSITORIES', 'E_MANIFEST_UNKNOWN', 'E_REPOSITORY_UNKNOWN']);

/** Whether a failure only says that something is not there yet. */
export function isAwaited({ code }: Pick<Failure, 'code'>, awaiting: Awaiting): boolean {
  if (!absences.has(code)) return false;
  const before = stagesBefore(awaiting.stage, awaiting.stages);
  return awaiting.plans.some(({ stage, items }) => before.has(stage) && items.some(brings));
}

/** The work with what is awaited told as a warning. */
export function withoutAwaited(work: RepositoryWork, awaiting: Awaiting): RepositoryWork {
  const { failure, ...plan } = work.plan;
  const broken = work.broken.filter(({ error }) => !isAwaited(error, awaiting));
  const isFailureAwaited = failure !== undefined && isAwaited(failure, awaiting);
  if (broken.length === work.broken.length && !isFailureAwaited) return work;
  const warnings = [...plan.warnings, awaitedWarning(awaiting.stage)];
  return { ...work, broken, plan: { ...plan, warnings, ...(failure && !isFailureAwaited && { failure }) } };
}

export function awaitedWarning({ dependsOn }: StageConfig): string {
  return `not everything is there yet: looked at again when the stage starts, after ${dependsOn.join(', ')}`;
}

function brings({ action }: RepositoryPlan['items'][number]): boolean {
  return action === 'copy' || action === 'update';
}

function stagesBefore(stage: StageConfig, stages: readonly StageConfig[], found = new Set<string>()): Set<string> {
  for (const id of stage.dependsOn) {
    if (found.has(id)) continue;
    found.add(id);
    const earlier = stages.find((each) => each.id === id);
    if (earlier) stagesBefore(earlier, stages, found);
  }
  return found;
}
