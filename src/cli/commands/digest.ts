import { resolve } from '../../compose/list.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, signal, io } = context;
  const { digest } = await withSession(context, (session) => resolve(session, args[0] ?? '', { signal }));
  io.answer(digest);
  return exitDone;
}
