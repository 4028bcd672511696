import { exportQuay } from '../../compose/quay/state.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { openServer } from '../quay/connection.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, io, options, signal } = context;
  const users = options.flag('users');
  if (args.length === 0 && !users) {
    throw usageError('What is to be written is not said.', 'Name organisations, or give --users.');
  }
  await using connection = await openServer(context);
  io.answerRaw(await exportQuay(connection, args, { users, signal }));
  return exitDone;
}
