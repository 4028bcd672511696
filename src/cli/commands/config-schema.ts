import { configJsonSchema } from '../../config/schema.ts';
import { jsonSchemaOf } from '../../report/schema.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';

export async function run({ args, io }: CommandContext): Promise<number> {
  io.json(schemaOf(args[0] ?? 'config'));
  return exitDone;
}

function schemaOf(what: string): object {
  if (what === 'config') return configJsonSchema();
  if (what === 'plan' || what === 'report') return jsonSchemaOf(what);
  throw usageError(`There is no schema of "${what}".`, 'There are: config, plan, report.');
}
