import { type Diff, type DiffEntry, diff } from '../../compose/diff.ts';
import { countText } from '../../kit/quantity.ts';
import { type Digest, shortDigest } from '../../oci/digest.ts';
import type { CommandContext } from '../context.ts';
import { exitDifference, exitDone } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import type { Paint } from '../terminal/colour.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, signal, io, options } = context;
  const [a = '', b = ''] = args;
  const found = await withSession(context, (session) => diff(session, a, b, { signal }));
  if (options.text('output') === 'json') io.json(found);
  else for (const line of found.entries.flatMap((entry) => lineOf(entry, io.paint))) io.answer(line);
  io.note(summaryOf(found));
  return options.flag('exitCode') && found.different > 0 ? exitDifference : exitDone;
}

/** What is the same is only counted. */
function lineOf({ name, status, a, b }: DiffEntry, paint: Paint): readonly string[] {
  const title = name === '' ? '' : `${name}  `;
  if (status === 'only-a') return [`${paint('bad', '-')} ${title}${short(a)}  only in the first`];
  if (status === 'only-b') return [`${paint('good', '+')} ${title}${short(b)}  only in the second`];
  return status === 'same' ? [] : [`${paint('warn', '~')} ${title}${short(a)} → ${short(b)}`];
}

function summaryOf({ same, different, entries }: Diff): string {
  if (entries.length === 0) return 'Nothing on either side.';
  if (different === 0) return entries.length === 1 ? 'The same.' : `The same: ${countText(same, 'tag')}.`;
  return entries.length === 1 ? 'They differ.' : `${countText(different, 'difference')}, ${same} the same.`;
}

function short(digest: Digest | undefined): string {
  return digest === undefined ? '' : shortDigest(digest);
}
