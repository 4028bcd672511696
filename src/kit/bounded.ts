/** Runs `work` for every item, at most `width` at the same time, and keeps their order. The first failure is thrown. */
export async function eachBounded<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  await forEachBounded(items.entries(), Math.min(width, items.length), async ([index, item]) => {
    results[index] = await work(item);
  });
  return results;
}

/** The same for work of which no result is kept. After the first failure, which is thrown, nothing more is begun. */
export async function forEachBounded<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = Iterator.from(items);
  let failed = false;
  const worker = async () => {
    for (const item of queue) {
      if (failed) return;
      await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
