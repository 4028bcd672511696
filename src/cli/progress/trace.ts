import { bytesText, durationText } from '../../kit/quantity.ts';
import type { EventListener } from '../../report/events.ts';
import type { Io } from '../io.ts';

/** Requests and waits as lines on standard error: with `-v` those that failed, with `-vv` every one. */
export function traceTo(io: Io): EventListener {
  return (event) => {
    if (event.type === 'waiting') {
      io.debug(`… ${event.host}: waiting ${durationText(event.milliseconds)}: ${event.reason}`);
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
