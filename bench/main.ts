/**
 * Measures tranship beside crane, regctl, oras and skopeo.
 *
 *   npm run bench                          all rows, writes bench/RESULTS.md
 *   npm run bench -- --rounds 7 --only five-layers,one-layer
 *   npm run bench -- --smoke               small content, two rounds: shows that everything runs; writes nothing
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Outcome, runScenario } from './measure.ts';
import { renderResults, residentLimitMiB, shortfalls } from './results.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, rounds: { type: 'string' }, only: { type: 'string' } },
});
const smokeShare = 0.1;
const rounds = Number(values.rounds ?? (values.smoke ? 2 : 5));
const wanted = values.only?.split(',');
const chosen = scenarios(values.smoke ? smokeShare : 1).filter(({ id }) => wanted?.includes(id) ?? true);

const outcomes: Outcome[] = [];
for (const scenario of chosen) {
  console.log(scenario.title);
  outcomes.push(await runScenario(scenario, rounds, console.log));
}

const page = renderResults(outcomes, rounds, new Date());
const missed = outcomes.flatMap(shortfalls);
console.log(`\n${page}`);
for (const text of missed) console.log(`short of its bar: ${text}`);

if (values.smoke) {
  // Two rounds of small content say little about speed, but memory must hold at any size.
  const heavy = outcomes.filter(({ medians }) => (medians.get('tranship')?.peakRssMiB ?? 0) > residentLimitMiB);
  process.exitCode = heavy.length > 0 ? 1 : 0;
} else if (wanted === undefined) {
  writeFileSync(new URL('RESULTS.md', import.meta.url), page);
  process.exitCode = missed.length > 0 ? 1 : 0;
}
