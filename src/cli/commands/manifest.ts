import { fetchManifest } from '../../compose/list.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, signal, io } = context;
  const { bytes } = await withSession(context, (session) => fetchManifest(session, args[0] ?? '', { signal }));
  // A manifest is UTF-8 by its specification, and was checked to be; no line break is added, so that its digest stays.
  io.answerRaw(Buffer.from(bytes).toString('utf8'));
  return exitDone;
}
