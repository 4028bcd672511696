/** Stages as a true dependency graph. */
import type { StageConfig } from '../../config/types.ts';

/** How a stage ended; `failed` counts what did not get done in it. */
export interface StageEnd {
  readonly stage: string;
  readonly failed: number;
}

/**
 * Runs every stage as soon as all that it depends on have ended, whether they succeeded or not: what a failed stage did
 * bring over is worth going on with, and `work` is told of the failures. Stages that do not depend on each other run at the
 * same time.
 *
 * The configuration has no cycles and no unknown ids; both are refused when it is read.
 */
export async function runStages(
  stages: readonly StageConfig[],
  work: (stage: StageConfig, afterFailuresOf: readonly string[]) => Promise<StageEnd>,
): Promise<readonly StageEnd[]> {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const ends = new Map<string, Promise<StageEnd>>();

  const endOf = (id: string): Promise<StageEnd> => {
    const known = ends.get(id);
    if (known) return known;
    const stage = byId.get(id);
    if (stage === undefined) throw new Error(`a stage depends on ${id}, which does not exist`);
    const end = Promise.all(stage.dependsOn.map(endOf)).then((before) =>
      work(
        stage,
        before.filter(({ failed }) => failed > 0).map((failed) => failed.stage),
      ),
    );
    ends.set(id, end);
    return end;
  };
  return Promise.all(stages.map(({ id }) => endOf(id)));
}
