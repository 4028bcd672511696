import { onAbort } from '../kit/on-abort.ts';

/** What a registry gets to answer after a run was stopped, where only its answer tells how to clean up. */
const graceMs = 2000;

/** A signal that fires a little after `signal`, for its reason. Dispose of it when the answer is there. */
export function lateSignal(signal: AbortSignal | undefined): Disposable & { readonly signal: AbortSignal } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(() => late.abort(signal?.reason), graceMs);
  };
  if (signal?.aborted) late.abort(signal.reason);
  const ignore = onAbort(signal, wait);
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      ignore();
      clearTimeout(timer);
    },
  };
}
