/**
 * Runs the suite against a registry that is already there and prints what it does otherwise than the specification:
 *
 *     node test/conformance/run.ts http://127.0.0.1:5000 [part of an id]
 */
import { cases } from './cases.ts';
import { Target } from './target.ts';

const [origin, filter = ''] = process.argv.slice(2);
if (origin === undefined) throw new Error('usage: node test/conformance/run.ts ORIGIN [PART-OF-AN-ID]');

using target = new Target({ origin: new URL(origin) });
let failed = 0;
const chosen = cases.filter((one) => one.needs === undefined && one.id.includes(filter));
for (const { id, run } of chosen) {
  const failure = await run(target).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) continue;
  failed += 1;
  console.log(
    `✖ ${id}\n    ${failure instanceof Error ? failure.message.split('\n').slice(0, 3).join(' ') : String(failure)}`,
  );
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
