import { safeText } from '../kit/text.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { Failure } from '../report/events.ts';
import { exitCodeOf, exitFailed } from './exit-codes.ts';
import type { Paint } from './terminal/colour.ts';

/** The parts of a failure that a user sees; an error and a failed item of a run both have them. */
type Shown = Omit<Failure, 'failure' | 'side' | 'subject' | 'serverSaid' | 'hint'> & {
  readonly side?: string | undefined;
  readonly subject?: string | undefined;
  readonly serverSaid?: string | undefined;
  readonly hint?: string | undefined;
};

/**
 * What failed, why in the server's own words, and what to do:
 *
 *     ✖ destination registry.example.com/app:1.4 — The push was denied: "requires push" (E_DENIED)
 *       → Run `tranship login registry.example.com` …
 */
export function errorLines(error: Shown, paint: Paint): readonly string[] {
  const where = whereOf(error);
  const said = error.serverSaid === undefined ? '' : ` The server said: "${safeText(error.serverSaid)}".`;
  const [message, list] = listedIn(error);
  const what = `${sentence(safeText(message))}${said} ${paint('dim', `(${error.code})`)}`;
  const first = `${paint('bad', '✖')} ${where === '' ? '' : `${paint('strong', where)} — `}${what}`;
  const hint = error.hint ?? `See \`tranship explain ${error.code}\`.`;
  return [first, ...list.map(safeText), `  ${paint('accent', '→')} ${sentence(safeText(hint))}`];
}

/** The mistakes of a configuration stand one a line; elsewhere a line's end may be a stranger's. */
function listedIn({ code, message }: Shown): readonly [string, readonly string[]] {
  const [first = '', ...others] = code === 'E_CONFIG' ? message.split('\n') : [message];
  return [first, others];
}

/** Side and subject; a message that names its subject already does not get it a second time in front. */
function whereOf({ side, subject, message }: Shown): string {
  const named = subject !== undefined && (side !== undefined || !message.includes(subject));
  return [side, named ? safeText(subject) : undefined].filter((part) => part !== undefined).join(' ');
}

/** However a message was written, it is shown as a sentence; a name at its beginning stays as it is. */
export function sentence(text: string): string {
  const begun = /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?:…]$/.test(begun) ? begun : `${begun}.`;
}

/** Any thrown value as an error that can be shown. What is not ours is a fault of this program, and says so. */
export function asShown(error: unknown): TranshipError {
  if (isTranshipError(error)) return error;
  if (isAbort(error)) return new TranshipError('E_CANCELLED', 'cancelled', 'Stopped.', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new TranshipError('E_INTERNAL', 'failed', `Something unexpected happened: ${message}`, {
    hint: 'This is a fault of tranship. Run again with --debug and report what it prints.',
    cause: error,
  });
}

/** The stack of an error and of everything that caused it, for `--debug`. */
export function stackLines(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    lines.push(`${depth === 0 ? '' : 'caused by: '}${at.stack ?? at.message}`);
  }
  return lines;
}

/** An abort reason that a signal handler left is the error itself; its exit code tells which signal it was. */
export function exitCodeOfError(error: unknown): number {
  return isTranshipError(error) ? exitCodeOf(error.failure) : exitFailed;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
