import { isTranshipError, type Side, TranshipError } from '../oci/errors.ts';
import type { Failure } from '../report/events.ts';

/** `error` told from one end of the copy. What no room expected becomes `E_INTERNAL`, with its cause, rather than being lost. */
export function sideOf(error: unknown, side: Side, subject?: string): TranshipError {
  if (isTranshipError(error)) return error.at(side, subject);
  const message = error instanceof Error ? error.message : String(error);
  return new TranshipError('E_INTERNAL', 'failed', message, {
    side,
    ...(subject !== undefined && { subject }),
    cause: error,
    hint: 'This is a fault of tranship: please report it with what --debug shows.',
  });
}

/** What a copy ends with: `E_CANCELLED` once the signal fired, whatever the interrupted work threw. */
export function finalError(error: unknown, side: Side, signal: AbortSignal | undefined): TranshipError {
  if (!signal?.aborted) return sideOf(error, side);
  return new TranshipError('E_CANCELLED', 'cancelled', 'The copy was stopped.', {
    cause: error,
    hint: 'Run the same command again: what is done stays done.',
  });
}

/** What was kept as data is an error again. */
export function errorOf({ code, failure, message, ...told }: Failure): TranshipError {
  return new TranshipError(code as `E_${string}`, failure, message, told);
}

/** The error as data, for events and reports. */
export function failureOf(error: TranshipError): Failure {
  const { code, failure, message, side, subject, serverSaid, hint } = error;
  return {
    code,
    failure,
    message,
    ...(side !== undefined && { side }),
    ...(subject !== undefined && { subject }),
    ...(serverSaid !== undefined && { serverSaid }),
    ...(hint !== undefined && { hint }),
  };
}
