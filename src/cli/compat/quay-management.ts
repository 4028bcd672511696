import { parseArguments } from '../../compat/argparse.ts';
import {
  type ApiAction,
  apiActions,
  clusterActions,
  missingKeyText,
  program,
  requiredKeys,
  sideOf,
} from '../../compat/quay-management.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed, exitUsage } from '../exit-codes.ts';
import { actions } from './quay-management-actions.ts';
import { loadManagement, type Management } from './quay-management-setting.ts';

/** `tranship compat quay-management`: the original's flags, file, order, texts and exit codes 0, 1 and 2. */
export async function run(context: CommandContext): Promise<number> {
  const { args, runtime, io } = context;
  const parsed = parseArguments(args, program);
  if (parsed.kind === 'help') {
    runtime.stdout.write(parsed.text);
    return exitDone;
  }
  if (parsed.kind === 'wrong') {
    runtime.stderr.write(parsed.text);
    return exitUsage;
  }
  const flags = parsed.values;
  const cluster = clusterActions.find((action) => flags.has(`--${action}`));
  if (cluster !== undefined) {
    io.error(`CRITICAL:root:--${cluster} needs a cluster, which this version does not speak to yet. Nothing was done.`);
    return exitFailed;
  }
  const setting = await loadManagement(flags, context);
  if (setting === undefined) return exitFailed;
  const began = runtime.now();
  setting.log('INFO', `----> Starting at ${new Date(began).toString()}`);
  const wanted = apiActions.filter((action) => flags.has(`--${action}`));
  const missing = missingKeys(wanted, setting);
  if (missing.length > 0) {
    runtime.stdout.write(missing.map(missingKeyText).join(''));
    return exitFailed;
  }
  const failed = await runAll(wanted, setting);
  const minutes = Math.ceil((runtime.now() - began) / 60_000);
  setting.log('INFO', `Total run time ---> ${minutes}${setting.config.form === 'older' ? '' : ' minutes'} <---`);
  setting.log('INFO', `----> Finished at ${new Date(runtime.now()).toString()}`);
  return failed ? exitFailed : exitDone;
}

function missingKeys(wanted: readonly ApiAction[], { config, secondary }: Management): readonly string[] {
  const required = wanted.flatMap((action) => requiredKeys(action, sideOf(action, config, secondary)));
  return [...new Set(required)].filter((key) => !(key in config.values)).toSorted();
}

/** One action's failure does not keep the others from running. */
async function runAll(wanted: readonly ApiAction[], setting: Management): Promise<boolean> {
  for (const action of wanted) {
    try {
      await actions[action](setting, sideOf(action, setting.config, setting.secondary));
    } catch (error) {
      if (!isTranshipError(error) || setting.signal.aborted) throw error;
      setting.fail(error);
    }
  }
  return setting.failures() > 0;
}
