import { referrerTree } from '../../compose/referrers.ts';
import { safeText } from '../../kit/text.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { referrerLines } from '../referrer-lines.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, signal, io, options } = context;
  const artifactType = options.text('type');
  const tree = await withSession(context, (session) => referrerTree(session, args[0] ?? '', { signal, artifactType }));
  if (options.text('output') === 'json') {
    io.json(tree);
    return exitDone;
  }
  io.answer(`${io.paint('strong', tree.reference)}  ${tree.digest}`);
  for (const line of referrerLines(tree.referrers, io.paint)) io.answer(line);
  for (const { platform, digest, referrers } of tree.children) {
    io.answer(`${io.paint('strong', safeText(platform ?? 'child'))}  ${digest}`);
    for (const line of referrerLines(referrers, io.paint)) io.answer(line);
  }
  if (tree.referrers.length + tree.children.length === 0) io.note('Nothing refers to it.');
  return exitDone;
}
