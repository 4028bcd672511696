const heard = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `act` once when `signal` fires, unless the returned function was called before. A run hands one signal to thousands
 * of requests, and a signal looks through all its listeners for each that comes or goes: here it has only one.
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return nothing;
  const acts = heard.get(signal) ?? listenTo(signal);
  acts.add(act);
  return () => void acts.delete(act);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const acts = new Set<() => void>();
  heard.set(signal, acts);
  const fire = () => {
    for (const act of acts) act();
    acts.clear();
  };
  signal.addEventListener('abort', fire, { once: true });
  return acts;
}

function nothing(): void {}
