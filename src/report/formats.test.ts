import { describe, expect, it } from 'vitest';
import { denied, madeRun, ToldRun, unavailable } from '../../test/kit/told-run.ts';
import { reportOf } from './collect.ts';
import { type ReportFormat, renderReport, reportEndings, reportFormatOf, reportFormats } from './formats.ts';
import { repositoryOf, tagOf } from './reference.ts';
import { jsonSchemaOf, readReport } from './schema.ts';

/** What a registry may say to whoever reads a report. */
const hostile =
  '"><script>alert(1)</script>\u202e\u0007 ]]> &amp; `x` | [a](http://evil.example.com) @all =1+1\r\nnext';

function troubled() {
  const items = [{ tag: 'v1' }, { tag: 'v2', action: 'update' as const }, { tag: 'held', action: 'blocked' as const }];
  const run = new ToldRun()
    .start()
    .plan({ items: [...items, { tag: 'bad' }, { tag: 'left' }], same: 4, warnings: ['nothing matches "x"'] });
  run.copy({ tag: 'v1' }, { moved: 1_500_000, present: 500 }).copy({ tag: 'v2' }, { outcome: 'updated', moved: 0 });
  run.request('hub.example.com', 'GET', '/v2/apps/api/manifests/v1');
  run.fail({ tag: 'bad' }, { ...denied, message: hostile, serverSaid: hostile, hint: hostile });
  return reportOf(run.events);
}

const render = (format: ReportFormat, report = troubled()) =>
  renderReport(report, format, { reportFile: 'report.json' });

describe('a report file', () => {
  it.each([
    ['out/report.json', 'json'],
    ['report.XML', 'junit'],
    ['a.b.csv', 'csv'],
    ['summary.md', 'markdown'],
    ['page.html', 'html'],
    ['report', undefined],
    ['dir.json/report', undefined],
    ['report.toString', undefined],
  ])('%s is %s by its ending', (file, format) => {
    expect(reportFormatOf(file)).toBe(format);
  });

  it('has no ending without a format', () => {
    for (const ending of reportEndings(reportFormats)) expect(reportFormatOf(`x${ending}`)).toBeDefined();
  });

  it.each(['json', 'junit', 'csv', 'markdown', 'html'] as const)(
    'as %s can be made of a run without anything',
    (format) => {
      expect(render(format, reportOf([])).length).toBeGreaterThan(20);
    },
  );
});

describe('the JSON report', () => {
  it('comes back as it was', () => {
    expect(readReport(render('json'))).toEqual({ report: troubled() });
  });

  it.each([
    ['no JSON', 'it is not JSON'],
    ['[]', 'it is not a report'],
    ['{}', 'apiVersion'],
    [JSON.stringify({ ...troubled(), items: [{ outcome: 'lost' }] }), 'items.0.'],
    [JSON.stringify({ ...troubled(), kind: 'Plan' }), 'kind'],
  ])('that is none is refused with its first mistake', (text, problem) => {
    expect(readReport(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('of a newer writer is read in spite of what it added', () => {
    expect(readReport(JSON.stringify({ ...troubled(), weather: 'fine' }))).toHaveProperty('report');
  });

  it.each(['plan', 'report'] as const)('and the %s have a JSON Schema', (kind) => {
    const text = JSON.stringify(jsonSchemaOf(kind));
    expect(text).toContain('https://json-schema.org/draft/2020-12/schema');
    expect(text).toContain('^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$');
  });
});

describe('the CSV', () => {
  const rows = render('csv').split('\r\n');

  it('has a line for each item below its titles, all ended by CRLF', () => {
    expect(rows[0]).toMatch(/^stage,source,destination,outcome,digest,previous,/);
    expect(rows.length).toBe(1 + troubled().items.length + 1);
    expect(rows.at(-1)).toBe('');
    expect(render('csv').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('doubles quotes, and gives every line as many fields as there are titles', () => {
    const counts = rows
      .slice(0, -1)
      .map(
        (row) =>
          row
            .match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)
            ?.filter((_, at, all) => at < all.length - (row.endsWith(',') ? 0 : 1)).length,
      );
    expect(new Set(counts).size).toBe(1);
    expect(rows.find((row) => row.includes('E_DENIED'))).toContain('"""><script>alert(1)</script>');
  });

  it('lets no registry write a formula', () => {
    const run = new ToldRun().fail(
      { tag: 'v1' },
      { ...unavailable, serverSaid: '=HYPERLINK("http://evil.example.com")' },
    );
    expect(renderReport(reportOf(run.events), 'csv')).toContain(`"'=HYPERLINK(`);
  });
});

describe('the JUnit file', () => {
  it('is well-formed whatever was said', () => {
    expect(unclosed(render('junit'))).toEqual([]);
    expect(unclosed(render('junit', reportOf(madeRun({ repositories: 4, tags: 9, failing: 0.3 }))))).toEqual([]);
  });

  it('has a suite for the repository and a case for each tag, and counts what failed', () => {
    const text = render('junit');
    expect(text).toContain(
      '<testsuite name="base: standby.example.com/apps/api" tests="5" failures="2" errors="1" skipped="0"',
    );
    expect(text).toContain('<testcase classname="standby.example.com/apps/api" name="v1" time="0.100">');
    expect(text).toContain('<failure type="E_DENIED"');
    expect(text).toContain('<failure type="blocked-immutable"');
    expect(text).toContain('<error type="not-reached"');
  });

  it('holds one passed test where everything was the same, since some readers refuse an empty file', () => {
    const text = render('junit', reportOf(new ToldRun().start().plan({ same: 3 }).events));
    expect(text).toContain('<testcase classname="tranship" name="3 the same"');
  });

  it('writes no character that XML cannot hold', () => {
    const run = new ToldRun().fail({ tag: 'v1' }, { ...denied, message: 'half \ud800 and \uffff and \u0000 end' });
    expect(renderReport(reportOf(run.events), 'junit')).not.toMatch(/[\ud800\uffff\u0000]/);
  });
});

describe('the Markdown', () => {
  it('begins with how it ended, and tells failures before all else', () => {
    const text = render('markdown');
    expect(text).toMatch(/^## ❌ tranship: 1 copied, 1 updated, 4 the same, 1 blocked, 1 not reached, 1 failed\n/);
    expect(text.indexOf('E_DENIED')).toBeLessThan(text.indexOf('### Not reached'));
    expect(text).toContain('--retry-failed report.json');
  });

  it('turns nothing that was said into a link, a mention, HTML or another line of a table', () => {
    const outside = render('markdown').replace(/(`+) ?.*?[^`]\1(?!`)/g, '');
    expect(outside).not.toContain('<script');
    expect(outside).not.toMatch(/(?<!\\)\[a\]/);
    expect(outside).not.toContain('@all');
    expect(outside).not.toMatch(/http:\/\//);
  });

  it('shortens long tables and says so', () => {
    const text = render('markdown', reportOf(madeRun({ repositories: 10, tags: 40 })));
    expect(text).toContain('… and 350 more');
    expect(text.length).toBeLessThan(100_000);
  });
});

describe('a reference in a report', () => {
  it.each([
    ['hub.example.com/apps/api:v1', 'hub.example.com/apps/api', 'v1'],
    ['localhost:5000/app', 'localhost:5000/app', ''],
    ['localhost:5000/app:v1', 'localhost:5000/app', 'v1'],
    ['hub.example.com/app@sha256:12', 'hub.example.com/app', 'sha256:12'],
    ['oci:dir', 'oci:dir', ''],
    ['oci:./some/dir:v1', 'oci:./some/dir', 'v1'],
  ])('%s is of %s', (reference, repository, tag) => {
    expect(repositoryOf(reference)).toBe(repository);
    expect(tagOf(reference)).toBe(tag);
  });
});

/** Elements that are not closed by their own end; reads the XML as simply as it is written. */
function unclosed(xml: string): readonly string[] {
  const open: string[] = [];
  const rest = xml
    .replace(/<\?xml[^>]*\?>/, '')
    .replace(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)(\/?)>/g, (_, end, name, _attributes, empty) => {
      if (end === '/') {
        if (open.pop() !== name) open.push(`</${name}>`);
      } else if (empty !== '/') open.push(name);
      return '';
    });
  return [...open, ...(/[<>]|&(?!(?:amp|lt|gt|quot|apos);)/.exec(rest) ?? [])];
}
