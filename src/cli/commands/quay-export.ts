import { exportQuay } from '../../compose/quay/state.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { openServer } from '../quay/connection.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, io, signal } = context;
  await using connection = await openServer(context);
  io.answerRaw(await exportQuay(connection, args, { signal }));
  return exitDone;
}
