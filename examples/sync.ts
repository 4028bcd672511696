/**
 * Keeps registries in step by a configuration: plans, shows what would be done, does it, and finds nothing to do the second
 * time.
 */
import { loadIntent, openSync, planSync, sync } from '../src/index.ts';

/** `config` is the path of a `tranship.yaml`. */
export async function keepInStep(config: string): Promise<readonly string[]> {
  const intent = await loadIntent(config, { env: process.env });
  await using session = await openSync(intent, { env: process.env });
  const { totals } = await planSync(session);
  const first = await sync(session);
  const second = await sync(session);
  return [`${totals.copy} to copy`, `${first.report.totals.copied} copied`, `${second.report.totals.same} the same`];
}
