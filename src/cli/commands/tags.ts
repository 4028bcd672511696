import { listTags } from '../../compose/list.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { printList } from '../print-list.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  if (context.options.flag('explain')) return (await import('./tags-explain.ts')).run(context);
  const [repository = ''] = context.args;
  await withSession(context, (session) =>
    printList(context, { kind: 'Tags', of: repository, items: listTags(session, repository, context) }),
  );
  return exitDone;
}
