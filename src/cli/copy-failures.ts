import type { CopiedItem } from '../compose/copy.ts';
import { type Paint, safeText } from '../kit/text.ts';
import type { TranshipError } from '../oci/errors.ts';
import { errorLines } from './render-error.ts';

/** References that one cause is shown with. */
const shown = 6;

/** What failed: once for each cause, however many references it held up. `-o json` has all of them. */
export function copyFailureLines(items: readonly CopiedItem[], paint: Paint): readonly string[] {
  const failures = items.flatMap((item) => (item.outcome.ok ? [] : [located(item.outcome.error, item)]));
  const causes = Map.groupBy(failures, ({ code, side, hint, whole }) =>
    JSON.stringify([code, side, hint, placeOf(whole)]),
  );
  return [...causes.values()].flatMap((cause) => causeLines(cause, paint));
}

/** A failure of several references is told at their registry, in the words of the first. */
function causeLines(cause: readonly Located[], paint: Paint): readonly string[] {
  const [first] = cause;
  if (first === undefined) return [];
  if (cause.length === 1) return errorLines(first, paint);
  const [what = '', ...advice] = errorLines({ ...first, subject: placeOf(first.whole) }, paint);
  const left = cause.length - shown;
  return [
    what,
    ...cause.slice(0, shown).map(({ whole }) => `    ${safeText(whole)}`),
    ...(left > 0 ? [`    … and ${left} more`] : []),
    ...advice,
  ];
}

/** The registry; all layouts are one place. */
function placeOf(reference: string): string {
  return /^oci(?:-archive)?:|^[^/]*/.exec(reference)?.[0] ?? '';
}

type Located = ReturnType<typeof located>;

/**
 * An error is told with the reference that was being copied, and with what it names itself where that says more: a digest alone does
 * not tell which of many tags it belongs to.
 */
function located(error: TranshipError, { source, destination }: CopiedItem) {
  const { code, message, serverSaid, hint, side = 'destination', subject } = error;
  const whole = side === 'source' ? source : destination;
  const isFile = /^oci(?:-archive)?:/.test(whole) && !subject?.startsWith('oci');
  const vague = subject === undefined || whole.startsWith(subject) || isFile;
  return {
    code,
    message,
    serverSaid,
    hint,
    side,
    whole,
    subject: vague ? whole : `${whole} (${within(whole, subject)})`,
  };
}

/** The digest alone, where it is one of the repository that stands before it. */
function within(whole: string, subject: string): string {
  const [repository = '', digest] = subject.split('@');
  return digest !== undefined && whole.startsWith(`${repository}:`) ? digest : subject;
}
