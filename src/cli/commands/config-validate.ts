import { countText } from '../../kit/quantity.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { intentOf, tellDifferences } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const intent = await intentOf(context, context.args[0]);
  const { file, config, readAs } = intent;
  tellDifferences(intent, context);
  const registries = countText(Object.keys(config.registries).length, 'registry', 'registries');
  const kind = readAs === undefined ? '' : ` (a file of ${readAs})`;
  context.io.answer(`${file}${kind}: ${registries}, ${countText(config.stages.length, 'stage')}, no mistakes.`);
  return exitDone;
}
