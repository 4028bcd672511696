import type { CopyOutcome } from '../execute/copy.ts';
import { eachBounded } from '../kit/bounded.ts';
import type { EventListener } from '../report/events.ts';

/** Times that an item is tried at most (decision "passes"). */
const mostPasses = 3;

/** One source reference on its way to its destinations, each with a name of its own in the run. */
interface Task {
  readonly to: readonly { readonly name: string }[];
}

interface Item {
  readonly destination: string;
  readonly outcome: CopyOutcome;
}

export interface PassOptions<T extends Task, I extends Item> {
  /** What became of the task at each of its destinations. */
  run(task: T): Promise<readonly I[]>;
  /** Tasks that run at the same time. */
  readonly width: number;
  readonly emit: EventListener;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries out tasks wave after wave. What failed for a reason that may pass is tried again at the end, at those destinations
 * alone, so the budget of retries inside a pass can stay small and a run still ends complete. Items keep the order of the tasks.
 */
export async function inPasses<T extends Task, I extends Item>(
  waves: readonly (readonly T[])[],
  { run, width, emit, now, signal }: PassOptions<T, I>,
): Promise<readonly I[]> {
  const items = new Map<string, I>();
  let left = waves;
  for (let pass = 1; ; pass++) {
    for (const wave of left) {
      for (const item of (await eachBounded(wave, width, run)).flat()) items.set(item.destination, item);
    }
    left = left.map((wave) => wave.flatMap((task) => again(task, items)));
    const size = left.flat().reduce((sum, { to }) => sum + to.length, 0);
    if (size === 0 || pass >= mostPasses || signal?.aborted) return [...items.values()];
    emit({ type: 'pass-started', at: now(), pass: pass + 1, items: size });
  }
}

/** What is left of a task, each destination by itself: one that stands still holds up no other. */
function again<T extends Task, I extends Item>(task: T, items: ReadonlyMap<string, I>): readonly T[] {
  return task.to.filter(({ name }) => mayPass(items.get(name)?.outcome)).map((one) => ({ ...task, to: [one] }));
}

function mayPass(outcome: CopyOutcome | undefined): boolean {
  return outcome !== undefined && !outcome.ok && outcome.error.failure === 'temporary';
}
