import { type FakeClock, runningClock } from './clock.ts';
import type { Directory } from './model/types.ts';
import { createWorld, type World } from './model/world.ts';
import { type LoggedRequest, listen } from './server.ts';
import { type FakeQuayOptions, settingsFrom } from './settings.ts';
import { createWorkers } from './worker/workers.ts';

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
  /** Runs everything that is due to its end: mirrors, organisation mirrors, garbage collection. */
  runWorkers(): Promise<void>;
  /**
   * One step of the mirror workers, for who wants to see a mirror SYNCING: ends the run that has begun or else begins the
   * next. False when there was nothing to do.
   */
  stepWorkers(): Promise<boolean>;
  /** Switches a feature, as a restart with another configuration does. Tokens and sessions survive. */
  setFeature(name: string, on: boolean): void;
  /** Puts a directory in the database's place, as a change of the configuration and a restart do. Accounts survive. */
  useDirectory(directory: Directory): void;
  close(): Promise<void>;
}

export async function startFakeQuay(options: FakeQuayOptions = {}): Promise<FakeQuay> {
  const world = createWorld(settingsFrom(options), options.clock ?? runningClock());
  const requests: LoggedRequest[] = [];
  const workers = createWorkers(world, options.workers ?? 'automatic');
  const { server, port, reconfigure } = await listen(world, options.port ?? 0, workers.beforeRequest, (request) => {
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
    runWorkers: workers.run,
    stepWorkers: workers.step,
    setFeature: (name, on) => {
      world.settings.features[name] = on;
      reconfigure();
    },
    useDirectory: (directory) => {
      world.directory = directory;
    },
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
