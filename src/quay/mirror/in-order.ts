import { eachBounded } from '../../kit/bounded.ts';

/** Runs `work` for every item, at most `width` at once, and tells of the results in the items' order as soon as they are known. */
export async function runInOrder<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
  tell: (result: R) => void,
): Promise<readonly R[]> {
  const finished = new Map<number, R>();
  let next = 0;
  return eachBounded([...items.entries()], width, async ([index, item]) => {
    const result = await work(item);
    finished.set(index, result);
    for (let ready = finished.get(next); ready !== undefined; ready = finished.get(next)) {
      finished.delete(next);
      next += 1;
      tell(ready);
    }
    return result;
  });
}
