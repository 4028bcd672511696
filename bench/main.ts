/**
 * Measures tranship beside crane, regctl, regsync, oras and skopeo.
 *
 *   npm run bench                          all rows, writes bench/RESULTS.md; about half an hour
 *   npm run bench -- --rounds 7 --only five-layers,cold-sync
 *   npm run bench -- --smoke               small content, two rounds: shows that everything runs; writes nothing
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { barText, measuredText, residentBar, verdicts } from './bars.ts';
import { type Outcome, runScenario } from './measure.ts';
import { renderResults } from './results.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, rounds: { type: 'string' }, only: { type: 'string' } },
});
const smokeShare = 0.1;
const rounds = Number(values.rounds ?? (values.smoke ? 2 : 5));
const all = scenarios(values.smoke ? smokeShare : 1);
const wanted = values.only?.split(',') ?? all.map(({ id }) => id);
const unknown = wanted.filter((id) => !all.some((scenario) => scenario.id === id));
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}; there are ${all.map(({ id }) => id).join(', ')}`);

const began = performance.now();
const outcomes: Outcome[] = [];
for (const scenario of all.filter(({ id }) => wanted.includes(id))) {
  console.log(`${scenario.id}: ${scenario.title}`);
  outcomes.push(await runScenario(scenario, Math.min(rounds, scenario.mostRounds ?? rounds), console.log));
}

const page = renderResults(outcomes, new Date());
const missed = outcomes.flatMap((outcome) => verdicts(outcome).filter(({ met }) => !met));
console.log(`\n${page}\nTook ${((performance.now() - began) / 60_000).toFixed(1)} minutes.`);
const counts = values.smoke ? 'missed with small content, where only memory counts' : 'missed';
for (const verdict of missed) console.log(`${counts}: ${barText(verdict.bar)}: ${measuredText(verdict)}`);

if (values.smoke) {
  // Two rounds of small content say little about speed, but memory must hold at any size.
  process.exitCode = missed.some(({ bar }) => bar === residentBar) ? 1 : 0;
} else if (values.only === undefined) {
  writeFileSync(new URL('RESULTS.md', import.meta.url), page);
  process.exitCode = missed.length > 0 ? 1 : 0;
}
