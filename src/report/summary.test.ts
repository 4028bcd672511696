import { describe, expect, it } from 'vitest';
import { denied, madeRun, ToldRun, unavailable } from '../../test/kit/told-run.ts';
import { widthOf } from '../kit/text.ts';
import { reportOf } from './collect.ts';
import { type SummaryRendering, summaryLines } from './summary.ts';

const summary = (run: ToldRun, rendering: SummaryRendering = {}) =>
  summaryLines(reportOf(run.events), rendering).join('\n');

describe('the end of a run', () => {
  it('of nothing to do is short, and says what that cost', () => {
    const run = new ToldRun().start().plan({ same: 408 }).request('hub.example.com', 'HEAD', '/v2/app/manifests/v1', 0);
    expect(summary(run)).toBe(
      [
        '✓ 408 the same, in 0.0 s',
        '  0 B moved',
        '',
        'Requests by host',
        '  hub.example.com  1 request, no manifest GETs, no writes',
      ].join('\n'),
    );
  });

  it('has failures last, by cause, the one that most tags share at the very end', () => {
    const run = new ToldRun().start().copy({ tag: 'good' }).fail({ tag: 'a' }, unavailable);
    for (let at = 0; at < 9; at += 1) run.fail({ tag: `v${at}` }, denied);
    const text = summary(run, { reportFile: 'report.json' });
    expect(text).toMatch(/^✖ 1 copied, 10 failed, in /);
    expect(text.slice(text.indexOf('E_UNAVAILABLE'))).toContain('E_DENIED');
    expect(text).toContain('The server said: "requires push for robot payments+mirror".');
    expect(text).toContain('    … and 3 more tags\n  → Run `tranship login standby.example.com`');
    expect(text).toMatch(/\nNext: tranship sync -c tranship\.yaml --retry-failed report\.json$/);
  });

  it('shows the way back for moved tags, and what is blocked', () => {
    const run = new ToldRun().start().plan({ items: [{ tag: 'held', action: 'blocked' }] });
    const text = summary(run.copy({ tag: 'latest' }, { outcome: 'updated' }));
    expect(text).toMatch(/named before\n {2}standby\.example\.com\/apps\/api:latest {2}sha256:[0-9a-f]{12}…/);
    expect(text).toMatch(/Blocked, left as they are\n {2}standby\.example\.com\/apps\/api:held {2}immutable/);
  });

  it('of a dry run says that nothing was written, and what would do it', () => {
    const text = summary(new ToldRun().start(true).plan({ items: [{ tag: 'v1' }] }));
    expect(text).toMatch(/^Dry run, nothing was written: 1 to copy/);
    expect(text).toMatch(/Next: tranship sync -c tranship\.yaml$/);
  });

  it('tells passes, stages after failures and how referrers were read', () => {
    const run = new ToldRun().start();
    run.tell({ type: 'stage-started', stage: 'dr', afterFailuresOf: ['base'], referrers: 'always' });
    run.tell({ type: 'stage-started', stage: 'x', afterFailuresOf: [], referrers: 'never' });
    const text = summary(run.tell({ type: 'pass-started', pass: 2, items: 1 }));
    expect(text).toContain('It took 2 passes.');
    expect(text).toContain('Stage dr ran although something of base had failed.');
    expect(text).toContain('Referrers were read for every tag (dr); were left behind (x).');
  });

  it('lets no registry write to the terminal', () => {
    const text = summary(
      new ToldRun().fail({ tag: 'v1' }, { ...denied, serverSaid: '\u001b[2J\u202egone\r\n::error::x' }),
    );
    expect(text).not.toMatch(/[\u001b\u202e\r]/);
    expect(text).not.toMatch(/^::/m);
  });

  it('stays short for a large run', () => {
    const lines = summaryLines(reportOf(madeRun({ repositories: 40, tags: 50, failing: 0.1 })), { width: 80 });
    expect(lines.length).toBeLessThan(60);
    for (const line of lines.filter((each) => each.startsWith('    '))) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  it('quotes a path in the next command', () => {
    const text = summary(new ToldRun().start().fail({ tag: 'v1' }), { reportFile: "it's here.json" });
    expect(text).toContain(`--retry-failed 'it'\\''s here.json'`);
  });
});
