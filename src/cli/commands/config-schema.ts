import { configJsonSchema } from '../../config/schema.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';

export async function run({ args, io }: CommandContext): Promise<number> {
  const what = args[0] ?? 'config';
  if (what !== 'config') throw usageError(`There is no schema of "${what}".`, 'There are: config, plan, report.');
  io.json(configJsonSchema());
  return exitDone;
}
