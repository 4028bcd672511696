import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { testHttp } from '../../test/kit/http.ts';
import { Names } from './names.ts';

const answer = [{ address: '192.0.2.1', family: 4 }];

function flapping(failures: number, code = 'EAI_AGAIN') {
  const asked: string[] = [];
  const resolver = async (hostname: string) => {
    asked.push(hostname);
    if (asked.length <= failures) throw Object.assign(new Error(code), { code });
    return answer;
  };
  const clock = new FakeClock();
  return { asked, clock, names: new Names({ resolver, clock, random: () => 0.5, retryFor: 20_000 }) };
}

describe('a name', () => {
  test('is asked for once by many, and believed for 30 s', async () => {
    const { names, asked, clock } = flapping(0);
    await Promise.all(Array.from({ length: 10 }, () => names.resolve('a.example.com')));
    clock.advance(29_000);
    await names.resolve('a.example.com');
    expect(asked).toHaveLength(1);
    clock.advance(2_000);
    await names.resolve('a.example.com');
    expect(asked).toHaveLength(2);
  });

  test.each(['EAI_AGAIN', 'ENOTFOUND'])('is asked for again after %s', async (code) => {
    const { names, asked } = flapping(3, code);
    expect(await names.resolve('a.example.com')).toEqual(answer);
    expect(asked).toHaveLength(4);
  });

  test('that was given up is asked for once by who comes next, so that a misspelt name does not hold up every pass', async () => {
    const { names, asked, clock } = flapping(1000);
    await expect(names.resolve('a.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    const before = { asked: asked.length, at: clock.now() };
    await expect(names.resolve('a.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(asked).toHaveLength(before.asked + 1);
    expect(clock.now()).toBe(before.at);
    clock.advance(60_000);
    await expect(names.resolve('a.example.com')).rejects.toThrow();
    expect(asked.length).toBeGreaterThan(before.asked + 2);
  });

  test('is given up after 20 s, and a later question starts anew', async () => {
    const { names, asked, clock } = flapping(1000);
    await expect(names.resolve('a.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(clock.now()).toBeGreaterThanOrEqual(20_000);
    expect(clock.now()).toBeLessThan(21_000);
    const before = asked.length;
    await expect(names.resolve('a.example.com')).rejects.toThrow();
    expect(asked.length).toBeGreaterThan(before);
  });

  test('is not asked for again after another failure', async () => {
    const { names, asked } = flapping(1, 'EAI_FAIL');
    await expect(names.resolve('a.example.com')).rejects.toMatchObject({ code: 'EAI_FAIL' });
    expect(asked).toHaveLength(1);
  });

  test('that is an address needs no resolver', async () => {
    const { names, asked } = flapping(0);
    expect(await names.resolve('[::1]')).toEqual([{ address: '::1', family: 6 }]);
    expect(asked).toHaveLength(0);
  });

  test('is not waited for beyond the signal', async () => {
    const resolver = () => new Promise<never>(() => {});
    const names = new Names({ resolver, clock: new FakeClock(), random: Math.random, retryFor: 20_000 });
    const reason = new Error('enough');
    const controller = new AbortController();
    const asked = names.resolve('a.example.com', { signal: controller.signal });
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });

  test('that does not exist is an error that names it', async () => {
    const resolver = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    await using kit = testHttp({ resolver, clock: new FakeClock() });
    const asked = kit.http.request({ method: 'GET', url: new URL('https://tpyo.example.com/') });
    await expect(asked).rejects.toMatchObject({ code: 'E_DNS', failure: 'temporary', subject: 'tpyo.example.com' });
  });
});
