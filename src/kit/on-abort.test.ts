import { expect, test } from 'vitest';
import { onAbort } from './on-abort.ts';

test('everybody who listens hears it, once, and nobody who went away', () => {
  const stop = new AbortController();
  const heard: string[] = [];
  onAbort(stop.signal, () => heard.push('a'));
  const leave = onAbort(stop.signal, () => heard.push('gone'));
  onAbort(stop.signal, () => heard.push('b'));
  leave();
  stop.abort();
  stop.abort();
  expect(heard).toEqual(['a', 'b']);
});

test('a signal has one listener, however many listen', () => {
  const { signal } = new AbortController();
  let added = 0;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    added += 1;
    add(...args);
  };
  for (let count = 0; count < 100; count += 1) onAbort(signal, () => {});
  expect(added).toBe(1);
});

test('one who goes away while the others hear it is not called', () => {
  const stop = new AbortController();
  const heard: string[] = [];
  const leaves: (() => void)[] = [];
  onAbort(stop.signal, () => {
    heard.push('first');
    for (const leave of leaves) leave();
  });
  leaves.push(onAbort(stop.signal, () => heard.push('second')));
  stop.abort();
  expect(heard).toEqual(['first']);
});

test('without a signal nothing is heard and leaving is nothing', () => {
  expect(onAbort(undefined, () => {})()).toBeUndefined();
});
