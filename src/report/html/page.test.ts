import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denied, madeRun, ToldRun } from '../../../test/kit/told-run.ts';
import { reportOf } from '../collect.ts';
import { html } from './markup.ts';
import { htmlOf } from './page.ts';

const failing = htmlOf(reportOf(madeRun({ repositories: 6, tags: 10, failing: 0.2 })), 'report.json');

describe('the page', () => {
  it('reaches for nothing outside of itself', () => {
    expect(failing).not.toMatch(/(?:src|href|url)\s*[=(]/i);
    expect(failing).not.toMatch(/@import|<link|<img|<iframe|fetch\(|XMLHttpRequest/i);
  });

  it('lets run its own style and script and nothing else', () => {
    const policy =
      /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(failing)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(policy).toMatch(/^default-src 'none';/);
    for (const element of ['style', 'script']) {
      const text = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(failing)?.[1] ?? '';
      expect(text.length).toBeGreaterThan(100);
      expect(policy).toContain(`${element}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    }
    expect(failing).not.toMatch(/ style="| on[a-z]+="/);
    expect(failing.match(/<script/g)?.length).toBe(1);
  });

  it('shows what a registry said as text, wherever it stands', () => {
    const evil = `"'><script>alert(1)</script><svg onload=alert(2)>`;
    const run = new ToldRun()
      .start()
      .plan({ repository: evil, stage: evil, warnings: [evil], items: [{ tag: evil, reason: evil }] });
    run
      .request(evil, 'GET', '/')
      .fail({ tag: evil }, { ...denied, code: evil, message: evil, serverSaid: evil, hint: evil });
    run.copy({ tag: `${evil}2` }, { outcome: 'updated' });
    const page = htmlOf(reportOf(run.events), evil);
    expect(page.match(/<script/g)?.length).toBe(1);
    expect(page).not.toContain('<svg onload');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('tells failures before the charts, and all tags last', () => {
    const order = ['id="failures"', 'id="timeline"', 'id="bytes"', 'id="hosts"', 'id="all"'].map((id) =>
      failing.indexOf(id),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  it('gives every chart a name and every table a caption and titles', () => {
    for (const [svg] of failing.matchAll(/<svg[^>]*>/g))
      expect(svg).toMatch(/role="img" aria-label="[^"]+"|aria-hidden="true"/);
    const tables = failing.match(/<table/g)?.length;
    expect(failing.match(/<caption>[^<]+<\/caption>/g)?.length).toBe(tables);
    expect(failing).toContain('<html lang="en">');
  });

  it('of nothing to do says so in its title and has no empty sections', () => {
    const page = htmlOf(reportOf(new ToldRun().start().plan({ same: 408 }).events));
    expect(page).toContain('Nothing to do: 408 tags in step');
    expect(page).not.toMatch(/<section|<table/);
  });

  it('of thousands of tags stays usable, and says what it left out', () => {
    const page = htmlOf(reportOf(madeRun({ repositories: 50, tags: 100, failing: 0.02 })));
    expect(page.length).toBeLessThan(1_500_000);
    expect(page.match(/<tr data-outcome/g)?.length).toBe(2000);
    expect(page).toContain('2,000 of 5,000 are listed here, failures first');
    expect(page).toContain('1,500 of 5,000 copies are drawn');
    expect(
      page.slice(page.indexOf('<tbody', page.indexOf('id="items"'))).indexOf('data-outcome="failed"'),
    ).toBeLessThan(40);
  });

  it('draws no bar outside of its chart', () => {
    for (const [, x = '', width = ''] of failing.matchAll(/<rect[^>]* x="([\d.]+)%"[^>]* width="([\d.]+)%"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(100.3);
    }
  });
});

describe('markup', () => {
  it('keeps any text inside of its element', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: written } = html`<p title="${text}">${text}</p>`;
        expect(written).toMatch(/^<p title="[^"<>]*">[^<>]*<\/p>$/);
      }),
    );
  });

  it('takes markup as it is, alone and in lists, and leaves out what is absent', () => {
    expect(html`${html`<b>1</b>`}${[html`<i>2</i>`, html`3`]}${undefined}${false}${0}`.text).toBe('<b>1</b><i>2</i>30');
  });
});
