import type { MirrorSchedule } from '../model/types.ts';
import type { World } from '../model/world.ts';

/** A run that has begun. Nothing is left to do for one whose mirror was cancelled meanwhile. */
export interface ClaimedRun {
  /** What is synchronised: the mirror or, in an organisation's mirror, the repository. */
  readonly subject: object;
  finish(): Promise<void>;
}

const claimMilliseconds = 12 * 3600 * 1000;
const fullRetries = 3;

/** Whether a mirror's turn has come: asked for by hand, or enabled, due and with retries left. */
export function isDue(world: World, schedule: MirrorSchedule): boolean {
  const now = world.clock.now();
  if (schedule.status === 'SYNC_NOW') return true;
  if (schedule.status === 'SYNCING') return schedule.expires !== undefined && schedule.expires <= now;
  return schedule.enabled && schedule.start <= now && schedule.retries > 0;
}

/** Takes a mirror for the life of a claim, whose end is the ticket that tells whether the run is still wanted. */
export function claim(world: World, schedule: MirrorSchedule, life = claimMilliseconds): number {
  schedule.status = 'SYNCING';
  schedule.expires = world.clock.now() + life;
  return schedule.expires;
}

/** Ends a run. A failed one uses a retry; a good one, or the last retry, waits for the next turn of the interval. */
export function release(world: World, schedule: MirrorSchedule, success: boolean): void {
  schedule.status = success ? 'SUCCESS' : 'FAIL';
  schedule.expires = undefined;
  if (!success && schedule.retries > 1) {
    schedule.retries -= 1;
    return;
  }
  schedule.retries = fullRetries;
  schedule.start = nextStart(world.clock.now(), schedule);
}

/** `now + interval − ((now − start) mod interval)`; the fraction of a second is the clock's. */
function nextStart(now: number, schedule: MirrorSchedule): number {
  const interval = schedule.intervalSeconds * 1000;
  if (interval === 0) return now;
  const since = Math.floor((now - schedule.start) / 1000) * 1000;
  const rest = ((since % interval) + interval) % interval;
  return now + interval - rest;
}
