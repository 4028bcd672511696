import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { backoffDelay } from './backoff.ts';
import { BufferPool } from './buffer-pool.ts';
import { systemClock } from './clock.ts';
import { TokenBucket } from './token-bucket.ts';

describe('backoff', () => {
  test('doubles its ceiling up to the longest', () => {
    const ceilings = [1, 2, 3, 4, 5, 6].map((attempt) => backoffDelay({ first: 100, longest: 1000 }, attempt, () => 1));
    expect(ceilings).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  test('is anything below its ceiling, whatever the attempt', () => {
    const numbers = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), numbers, (attempt, random) => {
        const wait = backoffDelay({ first: 250, longest: 15_000 }, attempt, () => random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(15_000);
      }),
    );
  });
});

describe('a token bucket', () => {
  test('lets a second be saved up and no more', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(10, clock);
    clock.advance(60_000);
    for (let index = 0; index < 30; index += 1) await bucket.take(1);
    expect(clock.now() - 60_000).toBeCloseTo(2000);
  });

  test('holds the average over any amounts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 50 }),
        async (amounts) => {
          const clock = new FakeClock();
          const bucket = new TokenBucket(1000, clock);
          for (const amount of amounts) await bucket.take(amount);
          const total = amounts.reduce((sum, amount) => sum + amount, 0);
          expect(clock.now()).toBeCloseTo(Math.max(0, total - 1000), 3);
        },
      ),
    );
  });
});

describe('a buffer pool', () => {
  test('gives the same buffers again and keeps no more than it should', () => {
    const pool = new BufferPool(16, 2);
    const [a, b, c] = [pool.take(), pool.take(), pool.take()];
    pool.give(a);
    pool.give(b);
    pool.give(c);
    expect(pool.free).toBe(2);
    expect([pool.take(), pool.take()]).toContain(a);
    expect(() => pool.give(Buffer.alloc(3))).toThrow();
  });
});

describe('the clock of the system', () => {
  test('sleeps, and wakes with the reason of its signal', async () => {
    const before = systemClock.now();
    await systemClock.sleep(20);
    expect(systemClock.now() - before).toBeGreaterThan(15);
    const reason = new Error('enough');
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, { signal: controller.signal });
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
