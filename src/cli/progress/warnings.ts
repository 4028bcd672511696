import { safeText } from '../../kit/text.ts';
import type { Event } from '../../report/events.ts';
import type { Io } from '../io.ts';

/** Said only with `-v`: what was learned about a registry harms nobody who does not look for it. */
const forTheCurious = new Set(['W_CAPABILITY']);

export function warnAbout({ code, message, subject }: Event & { type: 'warning' }, io: Io): void {
  const about = subject === undefined || message.startsWith(subject) ? '' : `${safeText(subject)} — `;
  const text = `${about}${safeText(message)} (${code})`;
  if (forTheCurious.has(code)) io.debug(text);
  else io.warn(text);
}
