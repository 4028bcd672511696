import { type Deletion, planDeletion } from '../../compose/change.ts';
import { TranshipError } from '../../oci/errors.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, signal, io, options } = context;
  await withSession(context, async (session) => {
    const deletion = await planDeletion(session, args[0] ?? '', { signal });
    if (options.flag('dryRun')) return io.note(`Would delete ${wording(deletion)}.`);
    if (!(await confirm(context, `Delete ${wording(deletion)}?`))) throw declined();
    await deletion.carryOut({ signal });
    io.answer(deletion.reference);
  });
  return exitDone;
}

function wording({ what, reference, descriptor }: Deletion): string {
  if (what === 'tag') return `the tag ${reference}, now ${descriptor.digest}; the manifest stays`;
  return `the manifest ${reference} and every tag on it`;
}

function declined(): TranshipError {
  return new TranshipError('E_NOT_CONFIRMED', 'cancelled', 'Nothing was deleted.');
}
