import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { Breaker } from './breaker.ts';
import { RetryBudget } from './budget.ts';

function breaking() {
  const clock = new FakeClock();
  const waits: number[] = [];
  const breaker = new Breaker({
    host: 'registry.example.com',
    clock,
    onWait: (milliseconds) => waits.push(milliseconds),
  });
  const fail = () => {
    const startedAt = clock.now();
    clock.advance(1);
    breaker.failed(startedAt);
  };
  return { clock, waits, breaker, fail };
}

describe('a host that fails', () => {
  test('nine times in a row is asked on', async () => {
    const { breaker, fail, waits } = breaking();
    for (let index = 0; index < 9; index += 1) fail();
    await breaker.admit();
    expect(waits).toEqual([]);
  });

  test('ten times in a row is left alone, then asked once to see', async () => {
    const { breaker, fail, waits } = breaking();
    for (let index = 0; index < 10; index += 1) fail();
    await breaker.admit();
    expect(waits).toEqual([15_000]);
    let second = 'waits';
    const other = breaker.admit().then(() => {
      second = 'admitted';
    });
    await Promise.resolve();
    expect(second).toBe('waits');
    breaker.succeeded();
    await other;
    expect(second).toBe('admitted');
  });

  test('its probe too fails everybody at once until the next one', async () => {
    const { breaker, fail, clock } = breaking();
    for (let index = 0; index < 10; index += 1) fail();
    await breaker.admit();
    const other = breaker.admit();
    fail();
    await expect(other).rejects.toMatchObject({ code: 'E_HOST_DOWN', failure: 'temporary' });
    await expect(breaker.admit()).rejects.toMatchObject({ hint: expect.stringContaining('in 30 s') });
    clock.advance(31_000);
    await breaker.admit();
    breaker.succeeded();
    await breaker.admit();
  });

  test('tells whom it turns away how it failed at last', async () => {
    const { breaker, clock, fail } = breaking();
    for (let index = 0; index < 10; index += 1) fail();
    await breaker.admit();
    breaker.failed(clock.now(), 'registry.example.com sent what is not HTTP');
    await expect(breaker.admit()).rejects.toMatchObject({ message: expect.stringContaining('sent what is not HTTP') });
  });

  test('for many at the same moment has failed once', async () => {
    const { breaker, clock, waits } = breaking();
    const startedAt = clock.now();
    for (let index = 0; index < 64; index += 1) {
      clock.advance(1);
      breaker.failed(startedAt);
    }
    await breaker.admit();
    expect(waits).toEqual([]);
  });

  test('and succeeds in between starts anew', async () => {
    const { breaker, fail, waits } = breaking();
    for (let index = 0; index < 9; index += 1) fail();
    breaker.succeeded();
    for (let index = 0; index < 9; index += 1) fail();
    await breaker.admit();
    expect(waits).toEqual([]);
  });

  test('is probed by the next one when the probe was called off', async () => {
    const { breaker, fail } = breaking();
    for (let index = 0; index < 10; index += 1) fail();
    expect(await breaker.admit()).toBe(true);
    breaker.abandoned();
    expect(await breaker.admit()).toBe(true);
    const third = breaker.admit();
    breaker.succeeded();
    expect(await third).toBe(false);
  });
});

describe('the retry budget', () => {
  test('has a floor of 50 a minute', () => {
    const clock = new FakeClock();
    const budget = new RetryBudget(clock);
    const granted = () => Array.from({ length: 100 }, () => budget.takeRetry()).filter(Boolean).length;
    expect(granted()).toBe(50);
    clock.advance(59_000);
    expect(granted()).toBe(0);
    clock.advance(1_000);
    expect(granted()).toBe(50);
  });

  test('is a fifth of the requests above that', () => {
    const budget = new RetryBudget(new FakeClock());
    for (let index = 0; index < 1000; index += 1) budget.countRequest();
    const granted = Array.from({ length: 1000 }, () => budget.takeRetry()).filter(Boolean).length;
    expect(granted).toBe(200);
  });
});
