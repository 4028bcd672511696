import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destination, fromOne, stage } from '../../../test/kit/memory-world.ts';
import type { StageConfig } from '../../config/types.ts';
import { runStages } from './stage-graph.ts';

/** Up to 30 stages of which each depends on any of those before it, diamonds included, in any order in the file. */
const graphs = fc
  .array(fc.array(fc.nat({ max: 29 }), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map((edges) =>
    edges.map((edge, at) => named(`s${at}`, [...new Set(edge.filter((to) => to < at).map((to) => `s${to}`))])),
  )
  .chain((stages) => fc.shuffledSubarray(stages, { minLength: stages.length }));

function named(id: string, dependsOn: readonly string[]): StageConfig {
  return stage(id, { dependsOn, from: fromOne('hub', 'app'), to: [destination('active', '{path}')] });
}

/** All that a stage stands on, read from the edges with no help of the code under test. */
function below(id: string, stages: readonly StageConfig[]): Set<string> {
  const direct = stages.find((each) => each.id === id)?.dependsOn ?? [];
  return new Set(direct.flatMap((each) => [each, ...below(each, stages)]));
}

describe('stages', () => {
  it('each run once, after all that they stand on have ended and never later than needed', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, fc.infiniteStream(fc.nat({ max: 3 })), async (stages, ticks) => {
        const ended = new Set<string>();
        const started: string[] = [];
        await runStages(stages, async ({ id, dependsOn }) => {
          for (const other of below(id, stages)) expect(ended).toContain(other);
          for (const other of dependsOn) expect(ended).toContain(other);
          started.push(id);
          for (let left = ticks.next().value; left > 0; left -= 1) await Promise.resolve();
          ended.add(id);
          return { stage: id, failed: 0 };
        });
        expect(started.toSorted()).toEqual(stages.map(({ id }) => id).toSorted());
      }),
    );
  });

  it('run after failures too, and are told of those right below them', async () => {
    const stages = [named('d', ['b', 'c']), named('b', ['a']), named('c', ['a']), named('a', [])];
    const told: Record<string, readonly string[]> = {};
    await runStages(stages, async ({ id }, afterFailuresOf) => {
      told[id] = afterFailuresOf;
      return { stage: id, failed: id === 'b' ? 2 : 0 };
    });
    expect(told).toEqual({ a: [], b: [], c: [], d: ['b'] });
  });

  it('that do not depend on each other run at the same time', async () => {
    let running = 0;
    let most = 0;
    await runStages([named('a', []), named('b', []), named('c', [])], async ({ id }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { stage: id, failed: 0 };
    });
    expect(most).toBe(3);
  });
});
