import { type FakeClock, runningClock } from './clock.ts';
import { collectGarbage } from './model/deletion.ts';
import { createWorld, type World } from './model/world.ts';
import { type LoggedRequest, listen } from './server.ts';
import { type FakeQuayOptions, settingsFrom } from './settings.ts';
import { type ClaimedRun, claimRepositoryMirrors } from './worker/mirror-worker.ts';
import { claimDiscoveries, syncDiscovered } from './worker/organization-worker.ts';

/** A Quay in this process: `/api/v1` and `/v2` on one store in memory. */
export interface FakeQuay extends AsyncDisposable {
  /** `http://127.0.0.1:41234`, with the base path if there is one. */
  readonly url: string;
  /** `127.0.0.1:41234`, as references name it. */
  readonly host: string;
  readonly clock: FakeClock;
  /** The store. Tests may read it; what a client should see they ask over the wire. */
  readonly world: World;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** The requests that changed something or tried to: everything but GET, HEAD and OPTIONS, and token requests for push. */
  readonly writes: readonly LoggedRequest[];
  /** Forgets the requests so far. */
  clearLog(): void;
  /** Claims the mirrors that are due, so that they show SYNCING; the next {@link runWorkers} ends their runs. */
  claimMirrors(): void;
  /** Runs all workers once: mirrors, organisation mirrors, garbage collection. */
  runWorkers(): Promise<void>;
  close(): Promise<void>;
}

/** How often the workers look for work when they are left to themselves. */
const workerMilliseconds = 5000;

export async function startFakeQuay(options: FakeQuayOptions = {}): Promise<FakeQuay> {
  const world = createWorld(settingsFrom(options), options.clock ?? runningClock());
  const requests: LoggedRequest[] = [];
  const workers = createWorkers(world, options.workers ?? 'automatic');
  const { server, port } = await listen(world, options.port ?? 0, workers.beforeRequest, (request) => {
    requests.push(request);
  });
  world.address = `127.0.0.1:${port}`;
  world.origin = `http://${options.hostname ?? world.address}${world.settings.basePath}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://${world.address}${world.settings.basePath}`,
    host: world.address,
    clock: world.clock,
    world,
    requests,
    get writes() {
      return requests.filter(isWrite);
    },
    clearLog: () => {
      requests.length = 0;
    },
    claimMirrors: workers.claim,
    runWorkers: workers.run,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isWrite(request: LoggedRequest): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) {
    return request.path.startsWith('/v2/auth') && /push|%2A|\*/.test(request.path);
  }
  return true;
}

interface Workers {
  claim(): void;
  run(): Promise<void>;
  beforeRequest(): Promise<void>;
}

function createWorkers(world: World, mode: 'automatic' | 'manual'): Workers {
  let claimed: ClaimedRun[] = [];
  let lastRun = world.clock.now();
  let running: Promise<void> | undefined;
  const claim = () => {
    claimed.push(...claimRepositoryMirrors(world));
  };
  const work = async () => {
    lastRun = world.clock.now();
    collectGarbage(world);
    await syncDiscovered(world);
    for (const run of claimDiscoveries(world)) await run.finish();
    claim();
    const runs = claimed;
    claimed = [];
    for (const run of runs) await run.finish();
  };
  const run = async () => {
    // A mirror may read from this very server, whose requests must not start another run.
    running ??= work().finally(() => {
      running = undefined;
    });
    await running;
  };
  return {
    claim,
    run,
    async beforeRequest() {
      collectGarbage(world);
      const isDue = world.clock.now() - lastRun >= workerMilliseconds;
      if (mode === 'automatic' && running === undefined && isDue) await run();
    },
  };
}
