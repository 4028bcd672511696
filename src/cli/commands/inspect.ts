import { inspect } from '../../compose/inspect.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { inspectionLines } from '../inspection-lines.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, signal, io, options } = context;
  const inspection = await withSession(context, (session) => inspect(session, args[0] ?? '', { signal }));
  if (options.text('output') === 'json') io.json(inspection);
  else for (const line of inspectionLines(inspection, io.paint)) io.answer(line);
  return exitDone;
}
