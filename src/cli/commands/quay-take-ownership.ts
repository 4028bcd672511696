import { allOrganizations, makeOwner, tokensUser } from '../../compose/quay/access.ts';
import { requireWritable } from '../../compose/quay/connect.ts';
import { type FailureClass, isTranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfItems } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { openServer } from '../quay/connection.ts';
import { errorLines } from '../render-error.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, options, io, signal } = context;
  const all = options.flag('all');
  if (all === args.length > 0) throw usageError('Name the organisations, or give --all.');
  const dryRun = options.flag('dryRun');
  await using connection = await openServer(context);
  const { quay } = connection;
  if (!dryRun) requireWritable(connection);
  const user = options.text('user') ?? (await tokensUser(quay, { signal }));
  const names = all ? (await Array.fromAsync(allOrganizations(quay, { signal }))).map(({ name }) => name) : args;
  const failures: FailureClass[] = [];
  for (const name of names) {
    try {
      const outcome = await makeOwner(quay, name, user, { dryRun, signal });
      const words =
        outcome === 'already' ? 'is an owner already' : dryRun ? 'would become an owner' : 'is an owner now';
      io.answer(`${name}: ${user} ${words}`);
    } catch (error) {
      if (!isTranshipError(error) || signal.aborted) throw error;
      failures.push(error.failure);
      for (const line of errorLines({ ...error, message: `${name}: ${error.message}` }, io.paintNote)) io.error(line);
    }
  }
  return exitCodeOfItems(names.length - failures.length, failures);
}
