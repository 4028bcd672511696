import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denied, madeDigest, madeRun, runStart, ToldRun, unavailable } from '../../test/kit/told-run.ts';
import { collectReport, reportOf } from './collect.ts';
import type { Event } from './events.ts';
import { failedItems } from './exit-code.ts';
import { readReport } from './schema.ts';

const pair = 'hub.example.com/apps/api:v1 → standby.example.com/apps/api:v1';

describe('a run in a report', () => {
  it('has one item for each change and counts what is the same', () => {
    const run = new ToldRun()
      .start()
      .plan({ items: [{ tag: 'v1' }, { tag: 'v2', action: 'update' }], same: 5, trusted: 2 });
    const report = reportOf(
      run.copy({ tag: 'v1' }).copy({ tag: 'v2' }, { outcome: 'updated', present: 7 }).finish(0).events,
    );
    expect(report.items).toMatchObject([
      {
        destination: 'standby.example.com/apps/api:v1',
        outcome: 'copied',
        reason: 'new',
        passes: 1,
        milliseconds: 100,
      },
      { outcome: 'updated', previous: madeDigest('before v2'), reason: 'moved at the source' },
    ]);
    expect(report.totals).toMatchObject({ copied: 1, updated: 1, same: 7, failed: 0, bytesMoved: 2000, bytesSaved: 7 });
  });

  it('takes the last outcome of a tag that was tried several times', () => {
    const run = new ToldRun()
      .start()
      .plan({ items: [{ tag: 'v1' }] })
      .fail({ tag: 'v1' });
    run.tell({ type: 'pass-started', pass: 2, items: 1 }).after(5000);
    const report = reportOf(run.copy({ tag: 'v1' }).events);
    expect(report.items).toMatchObject([{ outcome: 'copied', passes: 2, milliseconds: 100 }]);
    expect(report.items[0]).not.toHaveProperty('error');
    expect(report.items[0]?.startedAt).toBe(new Date(runStart + 5050).toISOString());
    expect(report).toMatchObject({ passes: 2, exitCode: 0 });
  });

  it('ends failed where the last try failed, with the error of that try', () => {
    const run = new ToldRun()
      .start()
      .plan({ items: [{ tag: 'v1' }] })
      .fail({ tag: 'v1' }, denied);
    expect(reportOf(run.fail({ tag: 'v1' }, unavailable).events).items).toMatchObject([
      { outcome: 'failed', error: { code: 'E_UNAVAILABLE' }, passes: 2, digest: madeDigest('v1') },
    ]);
  });

  it('forgets nothing that was planned and not begun, and nothing that was stopped', () => {
    const run = new ToldRun()
      .start()
      .plan({ items: [{ tag: 'v1' }, { tag: 'v2' }] })
      .begin({ tag: 'v1' });
    expect(reportOf(run.events).items).toMatchObject([
      { outcome: 'not-reached', reason: 'the run ended while it was copied' },
      { outcome: 'not-reached', reason: 'the run ended before' },
    ]);
  });

  it('tells what was not reached with the reason of the run', () => {
    const [source = '', destination = ''] = pair.split(' → ');
    const run = new ToldRun().start().plan({ items: [{ tag: 'v1' }] });
    run.tell({ type: 'not-reached', stage: 'base', source, destination, reason: 'the destination takes no more' });
    expect(reportOf(run.events).items).toMatchObject([
      { outcome: 'not-reached', reason: 'the destination takes no more' },
    ]);
    expect(reportOf(run.events).totals.notReached).toBe(1);
  });

  it('in a dry run shows what would become of every item', () => {
    const items = [
      { tag: 'v1', bytes: { total: 9, toMove: 4 } },
      { tag: 'v2', action: 'update' as const },
    ];
    const run = new ToldRun().start(true).plan({ items: [...items, { tag: 'old', action: 'prune' }] });
    const report = reportOf(run.events);
    expect(report.items.map(({ outcome }) => outcome)).toEqual(['copied', 'updated', 'pruned']);
    expect(report.totals).toMatchObject({ bytesMoved: 4, bytesSaved: 5 });
    expect(report).toMatchObject({ dryRun: true, exitCode: 0 });
  });

  it('shows blocked tags with both digests and the rule', () => {
    const run = new ToldRun().start().plan({ items: [{ tag: 'v1', action: 'blocked' }] });
    expect(reportOf(run.events).items).toMatchObject([
      { outcome: 'blocked', blocked: 'immutable', digest: madeDigest('v1'), previous: madeDigest('before v1') },
    ]);
  });

  it('shows a repository pair that could not be looked at as one failed item', () => {
    const run = new ToldRun().start().plan({ failure: unavailable });
    expect(reportOf(run.events).items).toEqual([
      {
        stage: 'base',
        source: 'hub.example.com/apps/api',
        destination: 'standby.example.com/apps/api',
        outcome: 'failed',
        error: unavailable,
      },
    ]);
  });

  it('shows pruned tags with the digest that they named, planned or not', () => {
    const destination = 'standby.example.com/apps/api:old';
    const told = { stage: 'base', destination, digest: madeDigest('old'), reason: 'gone for 9 days' } as const;
    const planned = new ToldRun().start().plan({ items: [{ tag: 'old', action: 'prune' }] });
    for (const run of [planned, new ToldRun().start()]) {
      expect(reportOf(run.tell({ type: 'tag-pruned', ...told }).events).items).toMatchObject([
        { destination, outcome: 'pruned', previous: madeDigest('old'), reason: 'gone for 9 days' },
      ]);
    }
  });

  it('does not count a tag twice whose referrers were looked at', () => {
    const run = new ToldRun().start().plan({ same: 3 });
    run.copy({ tag: 'quiet' }, { outcome: 'same', moved: 0 });
    run.copy({ tag: 'signed' }, { outcome: 'same', moved: 10, referrers: 1 });
    const report = reportOf(run.fail({ tag: 'broken' }).events);
    expect(report.totals).toMatchObject({ same: 2, failed: 1 });
    expect(report.items.map(({ outcome }) => outcome)).toEqual(['same', 'failed']);
  });

  it('counts a tag that the source lacks as failed and leaves the same alone', () => {
    const run = new ToldRun().start().plan({ same: 3, failedTags: [{ tag: 'v9', failure: denied }] });
    const [source, destination] = ['hub.example.com/apps/api:v9', 'standby.example.com/apps/api:v9'];
    const copy = `${source} → ${destination}`;
    run.tell({ type: 'copy-started', copy, stage: 'base', source, destination });
    run.tell({ type: 'copy-failed', copy, error: denied });
    expect(reportOf(run.events).totals).toMatchObject({ same: 3, failed: 1 });
  });

  it('lists items by stage and repository, inside as planned, in whatever order they ended', () => {
    const run = new ToldRun().start();
    run.plan({ repository: 'b', items: [{ tag: '2' }, { tag: '1' }] }).plan({ repository: 'a', items: [{ tag: '9' }] });
    run.copy({ tag: '1', repository: 'b' }).copy({ tag: '9', repository: 'a' }).copy({ tag: '2', repository: 'b' });
    const places = reportOf(run.events).items.map(({ destination }) => destination);
    expect(places).toEqual(['a:9', 'b:2', 'b:1'].map((name) => `standby.example.com/${name}`));
  });

  it('of copies without a plan and without stages is complete too', () => {
    const run = new ToldRun();
    run.tell({ type: 'copy-started', copy: 'x', source: 'oci:./dir:v1', destination: 'hub.example.com/app:v1' });
    run.after(20).tell({ type: 'copy-failed', copy: 'x', error: denied });
    expect(reportOf(run.events)).toMatchObject({ items: [{ stage: '', outcome: 'failed' }], exitCode: 4 });
  });

  it('says which stages ran after failures and how referrers were read', () => {
    const run = new ToldRun().start();
    run.tell({ type: 'stage-started', stage: 'dr', afterFailuresOf: ['base'], referrers: 'always' }).after(1000);
    run.tell({ type: 'stage-finished', stage: 'dr', failed: 0 });
    expect(reportOf(run.events).stages).toEqual([
      {
        stage: 'dr',
        startedAt: '2026-11-24T03:00:00.000Z',
        finishedAt: '2026-11-24T03:00:01.000Z',
        afterFailuresOf: ['base'],
        referrers: 'always',
      },
    ]);
  });

  it('has each warning once and says how many were left out', () => {
    const run = new ToldRun().start().plan({ warnings: ['odd', 'odd'] });
    for (let at = 0; at < 600; at += 1) run.tell({ type: 'warning', code: 'W_X', message: `warning ${at}` });
    const { warnings } = reportOf(run.events);
    expect(warnings[0]).toEqual({ code: 'W_PLAN', message: 'odd', subject: 'hub.example.com/apps/api' });
    expect(warnings.at(-1)).toEqual({ code: 'W_MORE', message: '101 more warnings were left out here' });
  });
});

describe('the account of hosts', () => {
  it('tells manifest GETs and writes from the rest', () => {
    const run = new ToldRun();
    run.request('hub.example.com', 'HEAD', '/v2/app/manifests/v1', 0);
    run.request('hub.example.com', 'GET', '/v2/app/manifests/v1', 500);
    run.request('hub.example.com', 'GET', '/v2/app/blobs/sha256:1', 9000);
    run.request('hub.example.com', 'GET', '/v2/app/manifests/tags/list', 1);
    run.request('hub.example.com', 'POST', '/oauth2/token', 10, 60);
    run.request('hub.example.com', 'PUT', '/v2/app/manifests/v1?x=1', 0, 500);
    run.tell({ type: 'waiting', host: 'hub.example.com', milliseconds: 30, reason: 'asked to' });
    run.tell({ type: 'waiting', host: 'hub.example.com', milliseconds: 50_000, reason: 'thinks', atMost: true });
    expect(reportOf(run.events).hosts).toEqual([
      {
        host: 'hub.example.com',
        requests: 6,
        manifestGets: 1,
        writes: 1,
        sentBytes: 560,
        receivedBytes: 9511,
        waitedMilliseconds: 30,
      },
    ]);
  });

  it('stays small where every download comes from another name, and loses no request', () => {
    const run = new ToldRun();
    for (let at = 0; at < 2000; at += 1) run.request(`cdn-${at}.example.com`, 'GET', '/x');
    const { hosts, totals } = reportOf(run.events);
    expect(hosts.length).toBe(501);
    expect(totals.requests).toBe(2000);
  });
});

describe('an event log', () => {
  it('gives the report that was collected live, from whatever run', () => {
    fc.assert(
      fc.property(eventLists, (events) => {
        const { listen, report } = collectReport();
        for (const event of events) listen(event);
        const log = events.map((event) => JSON.stringify(event)).join('\n');
        const saved = log === '' ? [] : log.split('\n').map((line) => JSON.parse(line) as Event);
        expect(reportOf(saved)).toEqual(report());
      }),
    );
  });

  it('gives a report in which every number adds up and that its own schema takes', () => {
    fc.assert(
      fc.property(eventLists, (events) => {
        const report = reportOf(events);
        const { copied, updated, pruned, blocked, failed, notReached, same } = report.totals;
        const unchanged = report.items.filter(({ outcome }) => outcome === 'same').length;
        expect(copied + updated + pruned + blocked + failed + notReached + unchanged).toBe(report.items.length);
        expect(same).toBeGreaterThanOrEqual(unchanged);
        expect(failedItems(report).length).toBe(failed + notReached);
        expect(readReport(JSON.stringify(report))).toEqual({ report });
      }),
    );
  });

  it('is not kept: only what became of each tag is, however often blobs told of their progress', () => {
    const { listen, report } = collectReport();
    const run = new ToldRun().start().begin({ tag: 'v1' });
    for (const event of run.events) listen(event);
    const before = JSON.stringify(report()).length;
    const progress = { type: 'blob-progress', copy: pair, digest: madeDigest('layer'), bytes: 1, at: run.now } as const;
    for (let at = 0; at < 100_000; at += 1) listen(progress);
    expect(JSON.stringify(report()).length).toBe(before);
  });

  it('that a made-up run leaves has every failure among what is to be tried again', () => {
    const report = reportOf(madeRun({ repositories: 5, tags: 20, failing: 0.3 }));
    expect(failedItems(report).length).toBe(report.totals.failed);
    expect(report.totals.failed).toBeGreaterThan(10);
  });
});

/** Runs in which anything happens in any order, on so few tags that events meet. */
const tag = fc.constantFrom('v1', 'v2', 'v3');
const repository = fc.constantFrom('apps/api', 'apps/web');
const step = fc.oneof(
  fc.record({ do: fc.constant('plan' as const), repository, tags: fc.uniqueArray(tag), same: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('copy' as const, 'fail' as const, 'begin' as const), repository, tag }),
  fc.record({ do: fc.constant('request' as const), method: fc.constantFrom('GET', 'HEAD', 'PUT', 'POST') }),
  fc.record({ do: fc.constant('finish' as const), exitCode: fc.constantFrom(0, 3) }),
);

const eventLists = fc.tuple(fc.boolean(), fc.array(step, { maxLength: 30 })).map(([dryRun, steps]) => {
  const run = new ToldRun().start(dryRun);
  for (const each of steps) {
    run.after(10);
    if (each.do === 'plan') {
      const [first, ...others] = each.tags.map((name) => ({ tag: name }));
      const items = first ? [{ ...first, action: 'update' as const }, ...others] : [];
      // A plan never counts fewer tags as the same than a run then looks at.
      run.plan({ repository: each.repository, items, same: each.same + 3 });
    } else if (each.do === 'request') run.request('hub.example.com', each.method, '/v2/app/manifests/v1');
    else if (each.do === 'finish') run.finish(each.exitCode);
    else run[each.do]({ repository: each.repository, tag: each.tag });
  }
  return run.events;
});
