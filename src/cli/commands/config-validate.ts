import { countText } from '../../kit/quantity.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { intentOf } from '../sync-session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { file, config } = await intentOf(context);
  const registries = countText(Object.keys(config.registries).length, 'registry', 'registries');
  context.io.answer(`${file}: ${registries}, ${countText(config.stages.length, 'stage')}, no mistakes.`);
  return exitDone;
}
