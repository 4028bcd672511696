/** How long those that are ready wait for the others, in milliseconds: usual differences between hosts are shorter. */
const usualStragglerMs = 10_000;

interface InTime<T> {
  /** In their order. */
  readonly ready: readonly T[];
  readonly late: readonly Promise<T>[];
}

/**
 * What is there at last a while after the first is, and the rest as it will be: so a host that stands still holds up nobody but
 * itself. Rejects with what rejected in time.
 */
export async function inTime<T>(each: readonly Promise<T>[], waitMs = usualStragglerMs): Promise<InTime<T>> {
  const settled = new Set<Promise<T>>();
  const noted = each.map((one) => one.then(noteTo(settled, one), noteTo(settled, one)));
  if (noted.length > 0) await Promise.race(noted);
  if (settled.size < each.length) await atMost(waitMs, Promise.all(noted));
  const ready = await Promise.all(each.filter((one) => settled.has(one)));
  return { ready, late: each.filter((one) => !settled.has(one)) };
}

function noteTo<T>(settled: Set<Promise<T>>, one: Promise<T>): () => void {
  return () => {
    settled.add(one);
  };
}

async function atMost(milliseconds: number, waiting: Promise<unknown>): Promise<void> {
  const enough = Promise.withResolvers<void>();
  const timer = setTimeout(enough.resolve, milliseconds);
  await Promise.race([waiting, enough.promise]);
  clearTimeout(timer);
}
