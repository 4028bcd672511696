import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { Breaker } from './breaker.ts';
import { RetryBudget } from './budget.ts';
import { limits } from './limits.ts';

const why = 'HTTP 503';

function breaking(task?: string) {
  const clock = new FakeClock();
  const waits: number[] = [];
  const breaker = new Breaker({
    host: 'registry.example.com',
    task,
    clock,
    onWait: (milliseconds) => waits.push(milliseconds),
  });
  /** A request that took `took` and came to nothing. */
  let tries = 1;
  const vain = (took: number, isThrottled: boolean, isProbe: boolean) => {
    const startedAt = clock.now();
    clock.advance(took);
    const patience = isThrottled ? limits.throttlePatience : limits.patience;
    const failure = { startedAt, why: isThrottled ? 'HTTP 429' : why, isThrottled, patience, tries };
    if (isThrottled) breaker.answeredInVain(failure, isProbe);
    else breaker.failed(failure, isProbe);
  };
  const fail = (took = 200, isProbe = false) => vain(took, false, isProbe);
  const throttle = (took = 200, isProbe = false) => vain(took, true, isProbe);
  /** Asks as a run does, again and again, until nobody is let through any more. Gives when that was. */
  const askInVain = async (ask: (isProbe: boolean) => void) => {
    for (let asked = 0; asked < 5_000; asked += 1) {
      const isProbe = await breaker.admit().catch((error: unknown) => error);
      if (typeof isProbe !== 'boolean') return { error: isProbe, at: clock.now() };
      ask(isProbe);
    }
    throw new Error('nobody ever gave it up');
  };
  const triedAtLeast = (times: number) => {
    tries = times;
  };
  return { clock, waits, breaker, fail, throttle, askInVain, triedAtLeast };
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
    expect(await breaker.admit()).toBe(true);
    expect(waits).toEqual([5_000]);
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

  test('its probe too is left alone for longer, and the others wait on', async () => {
    const { breaker, fail, waits } = breaking();
    for (let index = 0; index < 10; index += 1) fail();
    await breaker.admit();
    const other = breaker.admit();
    fail(200, true);
    expect(await other).toBe(true);
    expect(waits).toEqual([5_000, 10_000]);
    breaker.succeeded();
    expect(await breaker.admit()).toBe(false);
  });

  test('for many at the same moment may have had a mishap', async () => {
    const { breaker, clock, waits } = breaking();
    const startedAt = clock.now();
    clock.advance(10);
    for (let index = 0; index < 64; index += 1) {
      breaker.failed({ startedAt, why, isThrottled: false, patience: limits.patience, tries: 1 });
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

  test('is probed by one of those that wait when the probe was called off', async () => {
    const { breaker, fail } = breaking();
    for (let index = 0; index < 10; index += 1) fail();
    expect(await breaker.admit()).toBe(true);
    const others = [breaker.admit(), breaker.admit()];
    breaker.abandoned();
    expect(await others[0]).toBe(true);
    breaker.succeeded();
    expect(await others[1]).toBe(false);
  });

  test('is waited for no longer than its caller likes', async () => {
    const { breaker, fail } = breaking();
    for (let index = 0; index < 10; index += 1) fail();
    await expect(breaker.admit({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

describe('a host that is asked in vain', () => {
  test.each([
    ['and answers 503 at once', 200, 3 * 60_000],
    ['and says nothing for a minute each time', 60_000, 4 * 60_000],
    ['and refuses within a millisecond', 1, 3 * 60_000],
  ])('%s is given up after about three minutes', async (_, took, most) => {
    const { askInVain, fail } = breaking();
    const { at, error } = await askInVain((isProbe) => fail(took, isProbe));
    expect(at).toBeGreaterThanOrEqual(limits.patience);
    expect(at).toBeLessThanOrEqual(most + 1_000);
    expect(error).toMatchObject({ code: 'E_HOST_DOWN', failure: 'temporary', hint: expect.stringContaining('doctor') });
    expect(String(error)).toMatch(/registry\.example\.com failed at every request for [34] min.*at last: HTTP 503/u);
  });

  test('by asking for pauses is given up after about five', async () => {
    const { askInVain, throttle } = breaking('POST uploads');
    const { at, error } = await askInVain((isProbe) => throttle(30_000, isProbe));
    expect(at).toBe(limits.throttlePatience);
    expect(error).toMatchObject({ code: 'E_THROTTLED', failure: 'temporary' });
    expect(String(error)).toContain('every request of its kind (POST uploads) by asking for a pause for 5 min');
  });

  test('and lets one through now and then is never given up', async () => {
    const { breaker, throttle } = breaking();
    for (let round = 0; round < 100; round += 1) {
      for (let index = 0; index < 5; index += 1) throttle(30_000);
      expect(await breaker.admit()).toBe(false);
      breaker.succeeded();
    }
  });

  test('costs nobody any time once it is given up, and is asked once more now and then', async () => {
    const { breaker, fail, askInVain, clock } = breaking();
    const { at } = await askInVain((isProbe) => fail(200, isProbe));
    await expect(breaker.admit()).rejects.toMatchObject({ code: 'E_HOST_DOWN' });
    clock.advance(limits.givenUpPause);
    const again = await askInVain((isProbe) => fail(200, isProbe));
    expect(again.at).toBe(at + limits.givenUpPause + 200);
    clock.advance(limits.givenUpPause);
    await expect(breaker.admit()).rejects.toMatchObject({ code: 'E_HOST_DOWN' });
    clock.advance(limits.givenUpPause);
    expect(await breaker.admit()).toBe(true);
  });

  test('and came back is used like before', async () => {
    const { breaker, fail, askInVain, clock } = breaking();
    await askInVain((isProbe) => fail(200, isProbe));
    clock.advance(limits.givenUpPause);
    expect(await breaker.admit()).toBe(true);
    await expect(breaker.admit()).rejects.toMatchObject({ code: 'E_HOST_DOWN' });
    breaker.succeeded();
    for (let index = 0; index < 9; index += 1) fail();
    expect(await breaker.admit()).toBe(false);
  });

  test('once in an hour is not given up: nobody waited for it meanwhile', async () => {
    const { breaker, fail, clock } = breaking();
    for (let hour = 0; hour < 9; hour += 1) {
      fail();
      clock.advance(3_600_000);
    }
    expect(await breaker.admit()).toBe(false);
  });

  test('that did well before is tried a few times, however long each takes', async () => {
    const { askInVain, fail, triedAtLeast } = breaking('GET referrers');
    triedAtLeast(4);
    const { at } = await askInVain((isProbe) => fail(80_000, isProbe));
    expect(at).toBe(4 * 80_000);
  });

  test('by one request that took long has not been failing for as long', async () => {
    const { breaker, fail } = breaking();
    fail(15 * 60_000);
    expect(await breaker.admit()).toBe(false);
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
