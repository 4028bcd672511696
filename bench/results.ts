/** The figures as a page, and what falls short of the bars. */
import { cpus, totalmem } from 'node:os';
import { contestants } from './contestants.ts';
import type { Outcome, Sample } from './measure.ts';

export const residentLimitMiB = 150;
const rival = 'crane';

export function renderResults(outcomes: readonly Outcome[], rounds: number, date: Date): string {
  return [
    '# Benchmark',
    '',
    'Written by `npm run bench`; do not edit. Medians of interleaved rounds, every program copying the same content between two',
    'registries (distribution 3.1.2, storage in memory) on loopback. "×" is the ratio to crane. CPU is the program’s own user and system',
    'time. Only ratios carry over to other machines.',
    '',
    `${date.toISOString().slice(0, 10)}, ${rounds} rounds, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB.`,
    '',
    ...contestants.map((each) => `- ${each.name} ${each.version()}`),
    '',
    ...outcomes.flatMap(renderOutcome),
  ].join('\n');
}

function renderOutcome({ scenario, medians, sourceReads }: Outcome): string[] {
  const base = medians.get(rival);
  const rows = [...medians].map(([name, sample]) => {
    const cells = [name, seconds(sample.wallSeconds), ratio(sample, base, 'wallSeconds'), seconds(sample.cpuSeconds)];
    return `| ${[...cells, ratio(sample, base, 'cpuSeconds'), sample.peakRssMiB.toFixed(0)].join(' | ')} |`;
  });
  const reads = Number.isNaN(sourceReads)
    ? []
    : [`tranship read ${sourceReads.toFixed(2)} × the content at the source.`, ''];
  return [
    `## ${scenario.title}`,
    '',
    '| program | wall s | × | CPU s | × | peak RSS MiB |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...reads,
  ];
}

const seconds = (value: number): string => value.toFixed(2);

function ratio(sample: Sample, base: Sample | undefined, of: 'wallSeconds' | 'cpuSeconds'): string {
  return base === undefined ? '–' : (sample[of] / base[of]).toFixed(2);
}

/** One sentence for each bar that is missed. */
export function shortfalls({ scenario, medians, sourceReads }: Outcome): string[] {
  const ours = medians.get('tranship');
  const base = medians.get(rival);
  if (ours === undefined || base === undefined) return [`${scenario.title}: not measured`];
  const wall = ours.wallSeconds / base.wallSeconds;
  const cpu = ours.cpuSeconds / base.cpuSeconds;
  const { bar } = scenario;
  return [
    ...(bar && wall > bar.wall ? [`wall ${wall.toFixed(2)} × crane, bar ${bar.wall}`] : []),
    ...(bar?.cpu !== undefined && cpu > bar.cpu ? [`CPU ${cpu.toFixed(2)} × crane, bar ${bar.cpu}`] : []),
    ...(ours.peakRssMiB > residentLimitMiB ? [`${ours.peakRssMiB.toFixed(0)} MiB, bar ${residentLimitMiB}`] : []),
    ...(!scenario.allTags && sourceReads > 1.01
      ? [`${sourceReads.toFixed(2)} × the content read at the source, bar 1.00`]
      : []),
  ].map((text) => `${scenario.title}: ${text}`);
}
