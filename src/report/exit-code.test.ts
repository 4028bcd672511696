import { describe, expect, it } from 'vitest';
import { denied, ToldRun, unavailable } from '../../test/kit/told-run.ts';
import { reportOf } from './collect.ts';
import type { Failure } from './events.ts';
import { failedItems } from './exit-code.ts';

function failing(...failures: readonly (Failure | Failure['failure'])[]): ToldRun {
  const run = new ToldRun().start();
  failures.forEach((failure, at) =>
    run.fail({ tag: `v${at}` }, typeof failure === 'string' ? { ...unavailable, failure } : failure),
  );
  return run;
}

const codeOf = (run: ToldRun) => reportOf(run.events).exitCode;

describe('the exit code of a run', () => {
  it.each([
    ['nothing to do', new ToldRun().start().plan({ same: 3 }), 0],
    ['everything done', new ToldRun().start().copy({ tag: 'v1' }), 0],
    ['all failures are of authentication', failing(denied, denied), 4],
    ['all failures are temporary', failing(unavailable, unavailable), 75],
    ['the destination takes no writes', failing('unwritable'), 7],
    ['a policy refused everything', failing('refused'), 6],
    ['failures of several kinds', failing(denied, unavailable), 1],
    ['a permanent failure', failing('failed'), 1],
    ['some failed and some were copied', failing(denied).copy({ tag: 'good' }), 3],
    ['some failed and the others were the same', failing(unavailable).plan({ repository: 'x', same: 9 }), 3],
    ['it was stopped', failing('cancelled', 'failed').copy({ tag: 'good' }), 130],
    ['nothing was reached', new ToldRun().start().plan({ items: [{ tag: 'v1' }] }), 1],
    ['something was not reached', new ToldRun().start().plan({ items: [{ tag: 'v1' }], same: 1 }), 3],
  ])('where %s', (_, run, code) => {
    expect(codeOf(run)).toBe(code);
  });

  it('is that of what filled the destination, although the rest was then left', () => {
    expect(codeOf(failing('unwritable').plan({ items: [{ tag: 'later' }] }))).toBe(7);
  });

  it('calls a tag that an immutable rule holds back refused, and one that was not to be overwritten no failure', () => {
    const blocked = (why: 'immutable' | 'diverged' | 'no-overwrite') =>
      new ToldRun().start().plan({ items: [{ tag: 'v1', action: 'blocked', why }] });
    expect(codeOf(blocked('immutable'))).toBe(6);
    expect(codeOf(blocked('diverged'))).toBe(6);
    expect(codeOf(blocked('no-overwrite'))).toBe(0);
    expect(codeOf(blocked('immutable').copy({ tag: 'v2' }))).toBe(3);
  });

  it('is the one that the run told at its end', () => {
    expect(codeOf(failing(denied).finish(143))).toBe(143);
  });
});

describe('what is tried again', () => {
  it('is what failed or was not reached, and nothing that is blocked or done', () => {
    const run = failing(denied).copy({ tag: 'good' });
    run.plan({ repository: 'x', items: [{ tag: 'left' }, { tag: 'held', action: 'blocked' }] });
    expect(failedItems(reportOf(run.events)).map(({ destination }) => destination)).toEqual([
      'standby.example.com/apps/api:v0',
      'standby.example.com/x:left',
    ]);
  });
});
