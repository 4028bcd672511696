import { expect, test } from 'vitest';
import { inTime } from './in-time.ts';

const never = new Promise<string>(() => {});

test('those that come together stay together, in their order', async () => {
  const slower = Promise.resolve('a').then((value) => value);
  expect(await inTime([slower, Promise.resolve('b')])).toEqual({ ready: ['a', 'b'], late: [] });
});

test('one that stands still is left to come when it will', async () => {
  const late = Promise.withResolvers<string>();
  const found = await inTime([Promise.resolve('a'), late.promise, Promise.resolve('c')], 5);
  expect(found.ready).toEqual(['a', 'c']);
  late.resolve('b');
  expect(await Promise.all(found.late)).toEqual(['b']);
});

test('nobody is left while nobody is ready', async () => {
  const first = Promise.withResolvers<string>();
  const asked = inTime([first.promise, never], 1);
  const early = await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 20, 'waits'))]);
  expect(early).toBe('waits');
  first.resolve('a');
  expect(await asked).toMatchObject({ ready: ['a'], late: [never] });
});

test('what fails in time fails all; what fails later is for who waits for it', async () => {
  const failed = Promise.reject(new Error('stopped'));
  await expect(inTime([failed, never], 1)).rejects.toThrow('stopped');
  const late = Promise.withResolvers<string>();
  const found = await inTime([Promise.resolve('a'), late.promise], 1);
  late.reject(new Error('later'));
  await expect(found.late[0]).rejects.toThrow('later');
});

test('none at all are ready at once', async () => {
  expect(await inTime([], 1)).toEqual({ ready: [], late: [] });
});
