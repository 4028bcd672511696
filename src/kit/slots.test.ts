import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('what is let go of makes room for what comes next', () => {
  const slots = new Slots<string>();
  const leaveA = slots.add('a');
  slots.add('b');
  leaveA();
  leaveA();
  slots.add('c');
  expect([...slots].toSorted()).toEqual(['b', 'c']);
  expect(slots.size).toBe(2);
});

test('letting go twice does not take the place of who came after', () => {
  const slots = new Slots<string>();
  const leave = slots.add('a');
  leave();
  slots.add('b');
  leave();
  expect([...slots]).toEqual(['b']);
});

test('what goes while the others are looked at is left out', () => {
  const slots = new Slots<() => void>();
  const seen: string[] = [];
  const leaves: (() => void)[] = [];
  slots.add(() => {
    seen.push('first');
    for (const leave of leaves) leave();
  });
  leaves.push(slots.add(() => seen.push('second')));
  for (const look of slots) look();
  expect(seen).toEqual(['first']);
});
