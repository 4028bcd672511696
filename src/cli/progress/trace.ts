import { bytesText, durationText } from '../../kit/quantity.ts';
import { safeText } from '../../kit/text.ts';
import type { Event, EventListener } from '../../report/events.ts';
import type { Io } from '../io.ts';

/** A wait that nobody would wonder about. */
const shortWaitMs = 5_000;

/**
 * Requests and waits as lines on standard error: with `-v` the requests that failed, with `-vv` every one. Long waits are told
 * in any case, in a log too, unless `progress` asks for another form: who waits wants to know for whom, and for how long.
 */
export function traceTo(io: Pick<Io, 'note' | 'debug' | 'shows'>, progress?: string): EventListener {
  const isTold = progress !== 'json' && progress !== 'none';
  return (event) => {
    if (event.type === 'waiting') {
      const text = waitText(event);
      if (isTold && event.milliseconds >= shortWaitMs) io.note(text);
      else io.debug(text);
    }
    if (event.type !== 'request') return;
    const failed = event.error !== undefined || (event.status ?? 0) >= 400;
    if (!failed && !io.shows('trace')) return;
    const moved = event.sentBytes + event.receivedBytes;
    const parts = [
      event.error ?? String(event.status ?? 'no answer'),
      durationText(event.milliseconds),
      ...(moved > 0 ? [bytesText(moved)] : []),
      ...(event.attempt > 1 ? [`attempt ${event.attempt}`] : []),
    ];
    io.debug(`… ${event.method} ${event.url}  ${parts.join(', ')}`);
  };
}

function waitText({ host, milliseconds, reason, atMost }: Event & { type: 'waiting' }): string {
  const most = atMost === true ? 'up to ' : '';
  return `… waiting ${most}${durationText(milliseconds)} for ${host}: ${safeText(reason)}`;
}
