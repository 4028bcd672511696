import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { madePlan, type PlanWish, unavailable } from '../../test/kit/told-run.ts';
import { widthOf } from '../kit/text.ts';
import { type PlanRendering, planLines } from './render.ts';
import { planJson, planMarkdown } from './render-formats.ts';
import { totalsOf } from './totals.ts';
import type { Plan } from './types.ts';

function planOf(wishes: readonly PlanWish[], requests = { 'hub.example.com': 26 }, counted = false): Plan {
  const repositories = wishes.map(madePlan);
  const totals = totalsOf(repositories, { requests, isCounted: () => counted });
  return {
    apiVersion: 'tranship/v1',
    kind: 'Plan',
    createdAt: '2026-11-24T03:00:00Z',
    intent: 'tranship.yaml',
    repositories,
    totals,
  };
}

const sample = planOf([
  {
    repository: 'apps/api',
    same: 400,
    items: [
      { tag: 'v2.4.0', bytes: { total: 120_000_000, toMove: 38_200_000, blobs: { total: 9, toMove: 2 } } },
      { tag: 'latest', action: 'update', bytes: { total: 44_000_000, toMove: 0 } },
      { tag: 'v1.0.0', action: 'blocked' },
    ],
  },
  { repository: 'apps/web', same: 8, items: [{ tag: 'pr-1873', action: 'prune' }] },
  { repository: 'apps/docs' },
]);

const show = (plan: Plan, rendering: PlanRendering = { width: 110 }) =>
  planLines(plan, rendering)
    .join('\n')
    .replace(/sha256:[0-9a-f]{4}…/g, 'sha256:xxxx…');

describe('a plan', () => {
  it('shows by repository what differs, why, and what it moves', () => {
    expect(show(sample)).toBe(
      `
hub.example.com/apps → standby.example.com/apps     412 tags, 2 of 3 repositories differ

  apps/api
    +  v2.4.0   sha256:xxxx…   new                                  38.2 MB (2 of 9 layers are new)
    ~  latest   sha256:xxxx… → sha256:xxxx…   moved at the source   0 B
    !  v1.0.0   immutable at the destination with other content     will be reported, not touched
  apps/web
    -  pr-1873  gone from the source for 9 days                     prune

2 to copy (38.2 MB of 164 MB; the rest is shared or there), 1 to prune, 1 blocked, 408 the same
Cost: 26 requests so far; 7 more and those for blobs, none of them counted pulls.`.trimStart(),
    );
  });

  it('leaves the digests out where it is narrow, before it cuts a reason', () => {
    const text = show(sample, { width: 80 });
    expect(text).not.toContain('sha256');
    expect(text).toContain('~  latest   moved at the source');
  });

  it('has no row wider than the terminal', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 160 }),
        fc.array(fc.stringMatching(/^[a-z0-9.-]{1,90}$/), { maxLength: 5 }),
        (width, tags) => {
          const items = tags.map((tag, at) => ({
            tag,
            action: at % 2 === 0 ? ('copy' as const) : ('update' as const),
          }));
          const rows = planLines(planOf([{ items }]), { width }).filter((line) => /^ {4}[+~!-] /.test(line));
          expect(rows.length).toBe(tags.length);
          for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('shortens what is long and says how much it left out', () => {
    const many = Array.from({ length: 352 }, (_, at) => ({ tag: `v${at}` }));
    expect(show(planOf([{ items: many }]))).toContain('… and 312 more (see -o json)');
    const repositories = Array.from({ length: 5 }, (_, at) => ({ repository: `apps/r${at}`, items: [{ tag: 'v1' }] }));
    const text = show(planOf(repositories), { repositoriesShown: 2 });
    expect(text).toContain('… and 3 more repositories (see -o json)');
    expect(text).toContain('5 of 5 repositories differ');
  });

  it('of nothing to do is three lines', () => {
    expect(show(planOf([{ same: 3, trusted: 1 }]))).toBe(
      [
        'hub.example.com/apps → standby.example.com/apps     4 tags, nothing differs',
        '',
        'Nothing to do: 4 the same',
        'Cost: 26 requests so far, none more.',
      ].join('\n'),
    );
    expect(show(planOf([]))).toMatch(/^Nothing to do: there are no tags/);
  });

  it('tells what could not be looked at, and warnings, with the server’s words', () => {
    const text = show(
      planOf([{ failure: unavailable }, { repository: 'apps/web', warnings: ['nothing matches "x"'] }]),
    );
    expect(text).toContain(
      '✖  destination: The registry could not be reached The server said: "503 upstream connect error"',
    );
    expect(text).toContain('→ Try again later');
    expect(text).toContain('warning: nothing matches "x"');
    expect(text).toContain('1 repository could not be looked at');
  });

  it('says how many pulls a registry will count, and how much has no known size', () => {
    const items = [{ tag: 'a', bytes: { total: 5, toMove: 5 } }, { tag: 'b' }];
    const text = show(planOf([{ items }], { 'hub.example.com': 1 }, true));
    expect(text).toContain('2 to copy (5 B, and 1 of unknown size)');
    expect(text).toContain('Cost: 1 request so far; 6 more and those for blobs, 2 of them counted pulls.');
  });

  it('keeps stages and registries apart, and shows both names where a repository is called otherwise', () => {
    const [plan] = planOf([{ items: [{ tag: 'v1' }] }]).repositories;
    if (plan === undefined) throw new Error('no plan');
    const moved = {
      ...plan,
      destination: { ...plan.destination, repository: 'mirror/api', location: 'standby.example.com/mirror/api' },
    };
    const text = show({ ...sample, repositories: [{ ...moved, stage: 'dr' }, ...sample.repositories] });
    expect(text).toContain(
      'hub.example.com/apps → standby.example.com/mirror     1 tag, 1 of 1 repository differs   stage dr',
    );
    expect(text).toContain('  apps/api → mirror/api');
  });

  it('colours only through what is handed in, and prints no escape sequence of a stranger', () => {
    const evil = planOf([{ items: [{ tag: 'v1', reason: '\u001b[31mred\u202e' }] }]);
    expect(show(evil)).not.toMatch(/[\u001b\u202e]/);
    expect(planLines(evil, { paint: (tone, text) => `<${tone}>${text}` }).join('\n')).toContain('<good>+');
  });
});

describe('a plan as a document', () => {
  it('is whole in JSON', () => {
    expect(JSON.parse([...planJson(sample)].join(''))).toEqual(sample);
  });

  it('stands in Markdown in a block that nothing inside can end', () => {
    const text = planMarkdown(planOf([{ items: [{ tag: 'v1', reason: '```` <b>' }] }]));
    expect(text).toMatch(/^\*\*tranship plan:\*\* 1 to copy/);
    expect(text.match(/`{5,}/g)?.length).toBe(2);
  });
});
