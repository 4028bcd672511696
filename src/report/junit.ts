/** The items as a JUnit file, which CI systems show as tests: a suite for each repository of a stage, a case for each tag. */
import type { Failure } from './events.ts';
import { repositoryOf, tagOf } from './reference.ts';
import type { Report, ReportItem } from './report.ts';
import { countsText, failureText, outcomeWords } from './words.ts';
import { element, escaped, open, seconds, xmlDeclaration } from './xml.ts';

export function junitOf(report: Report): string {
  const { items, startedAt, totals } = report;
  const attributes = { name: 'tranship', ...countsOf(items), time: seconds(totals.milliseconds), timestamp: startedAt };
  const suites = suitesOf(items).map(([name, suite]) => suiteOf(name, suite, startedAt));
  return [
    xmlDeclaration,
    open('testsuites', attributes),
    ...(suites.length === 0 ? [emptySuite(report)] : suites),
    '</testsuites>',
    '',
  ].join('\n');
}

function suitesOf(items: readonly ReportItem[]): readonly (readonly [string, readonly ReportItem[]])[] {
  const suites = new Map<string, ReportItem[]>();
  for (const item of items) {
    const repository = repositoryOf(item.destination);
    const name = item.stage === '' ? repository : `${item.stage}: ${repository}`;
    const suite = suites.get(name);
    if (suite) suite.push(item);
    else suites.set(name, [item]);
  }
  return [...suites];
}

function suiteOf(name: string, items: readonly ReportItem[], timestamp: string): string {
  let milliseconds = 0;
  for (const item of items) milliseconds += item.milliseconds ?? 0;
  const attributes = { name, ...countsOf(items), time: seconds(milliseconds), timestamp };
  return [`  ${open('testsuite', attributes)}`, ...items.map(caseOf), '  </testsuite>'].join('\n');
}

/** Some CI systems refuse a file without a single test: a run in which everything was the same is one that passed. */
function emptySuite(report: Report): string {
  const counts = { tests: 1, failures: 0, errors: 0, skipped: 0 };
  return [
    `  ${open('testsuite', { name: 'tranship', ...counts, time: seconds(report.totals.milliseconds) })}`,
    `    ${open('testcase', { classname: 'tranship', name: countsText(report), time: '0.000' }, '/>')}`,
    '  </testsuite>',
  ].join('\n');
}

function caseOf(item: ReportItem): string {
  const { destination, outcome, milliseconds = 0 } = item;
  const attributes = {
    classname: repositoryOf(destination),
    name: tagOf(destination) || 'the repository',
    time: seconds(milliseconds),
  };
  const inner = troubleOf(item);
  const said = inner ?? `<system-out>${escaped(outcomeWords[outcome])}</system-out>`;
  return [`    ${open('testcase', attributes)}`, `      ${said}`, '    </testcase>'].join('\n');
}

function troubleOf({ outcome, error, blocked, reason = '' }: ReportItem): string | undefined {
  if (outcome === 'failed') return element('failure', error?.code ?? 'E_INTERNAL', wordsOf(error));
  if (outcome === 'not-reached') return element('error', 'not-reached', reason);
  if (outcome !== 'blocked') return undefined;
  if (blocked === 'no-overwrite') return open('skipped', { message: reason }, '/>');
  return element('failure', `blocked-${blocked ?? 'refused'}`, reason);
}

function wordsOf(error: Failure | undefined): string {
  if (error === undefined) return 'It failed without an error.';
  return [failureText(error), ...(error.hint === undefined ? [] : [error.hint])].join(' ');
}

/** Failures and errors as JUnit tells them apart: what went wrong, and what was never tried. */
function countsOf(items: readonly ReportItem[]) {
  const counts = { tests: items.length, failures: 0, errors: 0, skipped: 0 };
  for (const { outcome, blocked } of items) {
    if (outcome === 'not-reached') counts.errors += 1;
    else if (outcome === 'blocked' && blocked === 'no-overwrite') counts.skipped += 1;
    else if (outcome === 'failed' || outcome === 'blocked') counts.failures += 1;
  }
  return counts;
}
