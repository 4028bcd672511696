import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AdaptiveLimiter } from './limiter.ts';

async function holding(limiter: AdaptiveLimiter, count: number) {
  return Promise.all(Array.from({ length: count }, () => limiter.acquire()));
}

/** Lets every promise that can settle do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a limiter', () => {
  test('lets so many in and the others wait in order', async () => {
    const limiter = new AdaptiveLimiter(2);
    const [first] = await holding(limiter, 2);
    const order: number[] = [];
    const third = limiter.acquire().then(() => order.push(3));
    const fourth = limiter.acquire().then(() => order.push(4));
    await settle();
    expect(order).toEqual([]);
    first?.();
    first?.();
    await third;
    await settle();
    expect(order).toEqual([3]);
    expect(limiter.active).toBe(2);
    void fourth;
  });

  test('forgets who stopped waiting', async () => {
    const limiter = new AdaptiveLimiter(1);
    const [release] = await holding(limiter, 1);
    const controller = new AbortController();
    const reason = new Error('enough');
    const waiting = limiter.acquire({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    release?.();
    expect(limiter.active).toBe(0);
    await expect(limiter.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(limiter.active).toBe(0);
  });

  test('halves when there were too many, and climbs by one for each full round of successes', () => {
    const limiter = new AdaptiveLimiter(8);
    limiter.slowDown();
    expect(limiter.limit).toBe(4);
    for (let index = 0; index < 4; index += 1) limiter.succeeded();
    expect(limiter.limit).toBe(5);
    for (let index = 0; index < 1000; index += 1) limiter.succeeded();
    expect(limiter.limit).toBe(8);
    for (let index = 0; index < 10; index += 1) limiter.slowDown();
    expect(limiter.limit).toBe(1);
  });

  test('goes down to one while throttled, and to half of what was after a success', async () => {
    const limiter = new AdaptiveLimiter(64);
    limiter.throttle();
    limiter.throttle();
    expect(limiter.limit).toBe(1);
    const [release] = await holding(limiter, 1);
    const more = holding(limiter, 5);
    await settle();
    expect(limiter.active).toBe(1);
    limiter.succeeded();
    expect(limiter.limit).toBe(32);
    await more;
    release?.();
    expect(limiter.active).toBe(5);
  });

  test('never lets in more than its limit and leaves nobody out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(2), { maxLength: 30 }),
        async (ceiling, moves) => {
          const limiter = new AdaptiveLimiter(ceiling);
          let active = 0;
          const jobs = moves.map(async (move) => {
            const release = await limiter.acquire();
            active += 1;
            expect(active).toBeLessThanOrEqual(ceiling);
            await settle();
            if (move === 0) limiter.slowDown();
            else limiter.succeeded();
            active -= 1;
            release();
          });
          await Promise.all(jobs);
          expect(limiter.active).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });
});
