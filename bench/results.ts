/** The figures as a page: first every bar with what was measured, then the tables behind it. */
import { cpus, totalmem } from 'node:os';
import { barText, measuredText, ratio, verdicts } from './bars.ts';
import type { Outcome } from './measure.ts';

/** The one that every table is compared with. */
const rival = 'crane';

export function renderResults(outcomes: readonly Outcome[], date: Date): string {
  const versions = new Set(outcomes.flatMap(({ scenario }) => scenario.contestants.map((each) => each.version())));
  return [
    '# Benchmark',
    '',
    'Written by `npm run bench`; do not edit. Medians of interleaved rounds, every program doing the same between registries',
    '(distribution 3.1.2, storage in memory) on loopback, with nothing remembered from earlier runs. CPU is the program’s own user',
    'and system time. Only ratios carry over to other machines.',
    '',
    `${date.toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB.`,
    '',
    ...[...versions].map((version) => `- ${version}`),
    '',
    ...renderBars(outcomes),
    ...outcomes.flatMap(renderOutcome),
  ].join('\n');
}

function renderBars(outcomes: readonly Outcome[]): string[] {
  const rows = outcomes.flatMap((outcome) =>
    verdicts(outcome).map((verdict, index) => {
      const title = index === 0 ? outcome.scenario.title : '';
      return row([title, barText(verdict.bar), measuredText(verdict), verdict.met ? 'met' : '**missed**']);
    }),
  );
  return ['## What tranship is held to', '', ...head(['row', 'bar', 'measured', '']), ...rows, ''];
}

function renderOutcome({ scenario, rounds, medians, traffic }: Outcome): string[] {
  const rivals = [...new Set([rival, ...scenario.bars.flatMap((bar) => ('beside' in bar ? [bar.beside] : []))])];
  const rows = [...medians].map(([name, sample]) => {
    const times = rivals.map((other) => number(ratio(sample, medians.get(other), 'wallSeconds')));
    const cpuTimes = number(ratio(sample, medians.get(rival), 'cpuSeconds'));
    const { wallSeconds, cpuSeconds, peakRssMiB } = sample;
    return row([name, number(wallSeconds), ...times, number(cpuSeconds), cpuTimes, peakRssMiB.toFixed(0)]);
  });
  const titles = ['program', 'wall s', ...rivals.map((other) => `× ${other}`), 'CPU s', `× ${rival}`, 'peak RSS MiB'];
  return [
    `## ${scenario.title}`,
    '',
    ...(scenario.note === undefined ? [] : [scenario.note, '']),
    `${rounds === 1 ? '1 round' : `${rounds} rounds`}.`,
    '',
    ...head(titles),
    ...rows,
    '',
    ...(traffic === undefined ? [] : [trafficText(traffic), '']),
  ];
}

function trafficText({ sourceReads, destinationReceives }: NonNullable<Outcome['traffic']>): string {
  const [read, received] = [sourceReads.toFixed(3), destinationReceives.toFixed(3)];
  return `tranship read ${read} × the distinct content at the source; each destination received ${received} ×.`;
}

const number = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(2));
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const head = (cells: readonly string[]): string[] => [row(cells), row(cells.map(() => '---'))];
