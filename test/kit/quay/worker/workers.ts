import { collectGarbage } from '../model/deletion.ts';
import type { World } from '../model/world.ts';
import { claimRepositoryMirror } from './mirror-worker.ts';
import { claimDiscovered, claimDiscovery } from './organization-worker.ts';
import type { ClaimedRun } from './schedule.ts';

export interface Workers {
  /** Ends the run that has begun or, where there is none, begins the next. False when there was nothing to do. */
  step(): Promise<boolean>;
  /** Begins and ends everything that is due. */
  run(): Promise<void>;
  /** What the workers do on their own, ahead of a request. */
  beforeRequest(): Promise<void>;
}

/** How often the workers look for work when they are left to themselves. */
const workerMilliseconds = 5000;

const nothing: ReadonlySet<object> = new Set();

export function createWorkers(world: World, mode: 'automatic' | 'manual'): Workers {
  let claimed: ClaimedRun | undefined;
  let lastRun = world.clock.now();
  let isRunning = false;

  const advance = async (done: ReadonlySet<object>): Promise<boolean> => {
    if (claimed === undefined) {
      claimed = claimDiscovered(world) ?? claimDiscovery(world, done) ?? claimRepositoryMirror(world, done);
      return claimed !== undefined;
    }
    const run = claimed;
    claimed = undefined;
    await run.finish();
    return true;
  };

  /** A mirror may read from this very server, whose requests must not start another run. */
  const alone = async <Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> => {
    if (isRunning) return otherwise;
    isRunning = true;
    try {
      return await work();
    } finally {
      isRunning = false;
    }
  };

  const runAll = async (): Promise<void> => {
    lastRun = world.clock.now();
    collectGarbage(world);
    // While its retries last, a failed mirror is due again at once.
    const done = new Set<object>();
    while (await advance(done)) {
      if (claimed !== undefined) done.add(claimed.subject);
    }
  };

  const run = () => alone(runAll, undefined);
  return {
    step: () => alone(() => advance(nothing), false),
    run,
    async beforeRequest() {
      collectGarbage(world);
      const isTime = world.clock.now() - lastRun >= workerMilliseconds;
      if (mode === 'automatic' && isTime) await run();
    },
  };
}
