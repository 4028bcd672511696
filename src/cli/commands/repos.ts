import { listRepositories } from '../../compose/list.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { printList } from '../print-list.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const [registry = ''] = context.args;
  await withSession(context, (session) =>
    printList(context, { kind: 'Repositories', of: registry, items: listRepositories(session, registry, context) }),
  );
  return exitDone;
}
