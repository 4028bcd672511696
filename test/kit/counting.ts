import type { ContentWriter } from '../../src/oci/ports.ts';

/** How often each method of a place was called, and with what. */
export interface Calls {
  readonly counts: Readonly<Record<string, number>>;
  /** In the order of their beginning: `pushBlob sha256:…`. */
  readonly log: readonly string[];
  reset(): void;
}

/** What happens around a call: may wait, may throw before or after it. Listings and questions of yes or no must not wait. */
export type Around = (method: string, args: readonly unknown[], call: () => unknown) => unknown;

/**
 * `place`, counting what is asked of it. Its optional abilities stay what they are, because it is the same object behind a proxy.
 */
export function counting<P extends ContentWriter>(
  place: P,
  around: Around = (_, __, call) => call(),
): { place: P; calls: Calls } {
  const counts: Record<string, number> = {};
  const log: string[] = [];
  const proxy = new Proxy(place, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...args: unknown[]) => {
        counts[name] = (counts[name] ?? 0) + 1;
        log.push(`${name} ${describe(args)}`);
        return around(name, args, () => Reflect.apply(value, target, args.map(unwrap)));
      };
    },
  });
  behind.set(proxy, place);
  const reset = () => {
    for (const name of Object.keys(counts)) delete counts[name];
    log.length = 0;
  };
  return { place: proxy, calls: { counts, log, reset } };
}

const behind = new WeakMap<object, object>();

/** Places recognise their siblings by identity, so a proxied one is handed on as what it is. */
function unwrap(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (behind.get(value) ?? value) : value;
}

function describe(args: readonly unknown[]): string {
  return args
    .slice(0, 2)
    .map((arg) => {
      if (typeof arg === 'string') return arg;
      if (Array.isArray(arg)) return arg.join(',');
      const digest: unknown =
        typeof arg === 'object' && arg !== null
          ? (Reflect.get(arg, 'digest') ?? Reflect.get(Reflect.get(arg, 'descriptor') ?? {}, 'digest'))
          : undefined;
      return typeof digest === 'string' ? digest : '';
    })
    .join(' ')
    .trim();
}
