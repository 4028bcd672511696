/** Starting, stopping and awaiting runs of mirrors. */
import { eachBounded } from '../../kit/bounded.ts';
import { type Clock, systemClock } from '../../kit/clock.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { type FoundMirror, type MirrorScope, type MirrorStatus, mirrorsIn, statusOf } from './status.ts';
import { lastFailure } from './why.ts';

export interface JobOutcome {
  readonly repository: string;
  readonly result: 'started' | 'running' | 'cancelled' | 'idle' | 'failed';
  readonly error?: TranshipError;
}

const parallelCalls = 4;

/** Asks for a run of every mirror now; one that is running is left to it. Disabled mirrors run too: that is Quay's rule. */
export function startRuns(
  quay: QuayClient,
  scope: MirrorScope,
  options: CallOptions = {},
): Promise<readonly JobOutcome[]> {
  return eachMirror(quay, scope, options, async ({ repository, mirror }) => {
    if (mirror.sync_status === 'SYNCING') return 'running';
    const started = await quay.find('startMirror', { parameters: { repository }, ...options });
    // A run that began in between makes the call a 404.
    return started === undefined && (await isRunning(quay, repository, options)) ? 'running' : 'started';
  });
}

/** Cancels runs. Quay notices between two tags, and runs the mirror no more until it is started by hand. */
export function cancelRuns(
  quay: QuayClient,
  scope: MirrorScope,
  options: CallOptions = {},
): Promise<readonly JobOutcome[]> {
  return eachMirror(quay, scope, options, async ({ repository, mirror }) => {
    if (mirror.sync_status !== 'SYNCING' && mirror.sync_status !== 'SYNC_NOW') return 'idle';
    await quay.find('cancelMirror', { parameters: { repository }, ...options });
    return (await isRunning(quay, repository, options)) ? 'running' : 'cancelled';
  });
}

async function eachMirror(
  quay: QuayClient,
  scope: MirrorScope,
  options: CallOptions,
  act: (mirror: FoundMirror) => Promise<JobOutcome['result']>,
): Promise<readonly JobOutcome[]> {
  const mirrors = await mirrorsIn(quay, scope, options);
  return eachBounded(mirrors, parallelCalls, async (mirror): Promise<JobOutcome> => {
    const { repository } = mirror;
    try {
      return { repository, result: await act(mirror) };
    } catch (error) {
      if (!isTranshipError(error) || error.failure === 'cancelled') throw error;
      return { repository, result: 'failed', error: error.at('destination', repository) };
    }
  });
}

async function isRunning(quay: QuayClient, repository: string, options: CallOptions): Promise<boolean> {
  const mirror = await quay.find('getMirror', { parameters: { repository }, ...options });
  return mirror?.sync_status === 'SYNCING';
}

export interface WaitOptions extends CallOptions {
  /** Absent: the machine's. */
  readonly clock?: Clock;
  /** Milliseconds. */
  readonly timeout: number;
  /** Told after each look: how many are not done. */
  readonly tell?: (open: number, all: number) => void;
}

/** Between two looks, in milliseconds: soon at first, then seldom enough for a server's rate limits. */
const firstPause = 500;
const longestPause = 15_000;

/**
 * Waits until no mirror of `repositories` runs or is about to. Looks before it waits. Throws `E_QUAY_MIRROR_WAIT` with the
 * states when `timeout` is over. What failed is told by the statuses, not thrown.
 */
export async function awaitRuns(
  quay: QuayClient,
  repositories: readonly string[],
  { clock = systemClock, timeout, tell = () => undefined, signal }: WaitOptions,
): Promise<readonly MirrorStatus[]> {
  const end = clock.now() + timeout;
  const done = new Map<string, MirrorStatus>();
  let pause = firstPause;
  for (;;) {
    const open = await look(quay, repositories, done, clock, signal);
    tell(open.length, repositories.length);
    if (open.length === 0) return repositories.flatMap((name) => done.get(name) ?? []);
    const left = end - clock.now();
    if (left <= 0) throw tookTooLong(quay, open);
    await clock.sleep(Math.min(pause, left), { signal });
    pause = Math.min(pause * 2, longestPause);
  }
}

async function look(
  quay: QuayClient,
  repositories: readonly string[],
  done: Map<string, MirrorStatus>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<readonly MirrorStatus[]> {
  const waiting = repositories.filter((name) => !done.has(name));
  const looked = await eachBounded(waiting, parallelCalls, async (repository) => {
    const mirror = await quay.call('getMirror', { parameters: { repository }, signal });
    const status = statusOf(repository, mirror);
    if (!isSettled(status, clock.wall())) return [status];
    const failure =
      status.status === 'FAIL' ? await lastFailure(quay, repository, clock.wall(), { signal }) : undefined;
    done.set(repository, failure === undefined ? status : { ...status, failure });
    return [];
  });
  return looked.flat();
}

/** Quay's number of tries. After the last it is set again, so that fewer means: soon tried once more. */
const allRetries = 3;

function isSettled({ status, retries = allRetries, enabled, next }: MirrorStatus, now: number): boolean {
  if (status === 'SUCCESS' || status === 'CANCEL') return true;
  if (status === 'NEVER_RUN') return !enabled;
  // A run that was asked for ahead of its time is not tried again before that time.
  const isDue = next === undefined || Date.parse(next) <= now;
  return status === 'FAIL' && (!enabled || !isDue || retries === 0 || retries >= allRetries);
}

const mostNamed = 5;

function tookTooLong(quay: QuayClient, open: readonly MirrorStatus[]): TranshipError {
  const named = open.slice(0, mostNamed).map(({ repository, status }) => `${repository} ${status}`);
  const more = open.length > mostNamed ? `, and ${open.length - mostNamed} more` : '';
  return new TranshipError(
    'E_QUAY_MIRROR_WAIT',
    'temporary',
    `Mirrors were not done in time: ${named.join(', ')}${more}`,
    {
      subject: quay.server,
      hint: "They go on without us; see `tranship quay mirror status`. A mirror that stays SYNC_NOW tells that Quay's mirror worker does not run.",
    },
  );
}
