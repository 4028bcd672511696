import { expect, test } from 'vitest';
import { ToldRun } from '../../test/kit/told-run.ts';
import { reportOf } from './collect.ts';
import { nextCommand } from './words.ts';

test('what was said on a command line is no file to be given again', () => {
  const run = new ToldRun().start(true).plan({ items: [{ tag: 'v1' }] });
  const report = reportOf(run.events);
  expect(nextCommand(report)).toBe('tranship sync -c tranship.yaml');
  expect(nextCommand({ ...report, intent: 'quay active.example.com → standby.example.com' })).toBeUndefined();
});
