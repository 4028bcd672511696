import { tagImage } from '../../compose/change.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, signal, io, options } = context;
  const dryRun = options.flag('dryRun');
  const [reference = '', ...tags] = args;
  const tagged = await withSession(context, (session) => tagImage(session, reference, tags, { signal, dryRun }));
  for (const name of tagged) {
    if (dryRun) io.note(`Would set ${name}.`);
    else io.answer(name);
  }
  return exitDone;
}
