import { Slots } from './slots.ts';

const heard = new WeakMap<AbortSignal, Slots<() => void>>();

/**
 * Calls `act` once when `signal` fires, unless the returned function was called before. A run hands one signal to thousands
 * of requests, and a signal looks through all its listeners for each that comes or goes: here it has only one.
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  return signal === undefined ? nothing : (heard.get(signal) ?? listenTo(signal)).add(act);
}

function listenTo(signal: AbortSignal): Slots<() => void> {
  const acts = new Slots<() => void>();
  heard.set(signal, acts);
  const fire = () => {
    for (const act of acts) act();
  };
  signal.addEventListener('abort', fire, { once: true });
  return acts;
}

function nothing(): void {}
