import { resolve } from 'node:path';
import { bootstrapQuay, firstTokenSeconds, requireLiveToken } from '../../compose/quay/access.ts';
import { findSecretFile } from '../../compose/quay/token-file.ts';
import { parseDuration } from '../../kit/quantity.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { openServer } from '../quay/connection.ts';
import { checkDelivery, deliver } from '../quay/deliver.ts';
import { askSecret, passwordOf } from '../quay/password.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io, signal } = context;
  checkDelivery(context);
  const username = options.text('username');
  if (username === undefined) throw usageError('Who the first user is to be is not said.', 'Give --username NAME.');
  const patience = parseDuration(options.text('wait') ?? '5m');
  if (patience === undefined) throw usageError('--wait takes a time such as 5m.');
  if (await isDone(context, patience)) return exitDone;
  const dryRun = options.flag('dryRun');
  const password = dryRun ? undefined : await askSecret(context, passwordOf(`Password of ${username}`));
  await using connection = await openServer(context, {
    anonymous: true,
    patience,
    onWait: (why) => io.debug(`Waiting: ${why}`),
  });
  if (password === undefined) {
    io.note(`Would make the first user ${username} of ${connection.quay.server}.`);
    return exitDone;
  }
  const organization = options.text('org') ?? 'tranship';
  const user = { username, password, email: options.text('email') };
  const { token, how } = await bootstrapQuay(connection, user, { organization, signal });
  await deliver(token, context);
  io.note(
    how === 'made'
      ? `Made the user ${username}. The token lives ${firstTokenSeconds / 3600} hours; make a lasting one with: tranship quay token create.`
      : `The user ${username} was there. A new token was made by signing in.`,
  );
  return exitDone;
}

/** A run that ended well before left a token that lives. */
async function isDone(context: CommandContext, patience: number): Promise<boolean> {
  const { options, runtime, signal, io } = context;
  const out = options.text('out');
  const token = out === undefined ? undefined : await findSecretFile(resolve(runtime.cwd, out));
  if (token === undefined) return false;
  await using connection = await openServer(context, { token, patience });
  try {
    await requireLiveToken(connection.quay, 'tranship', { signal });
  } catch (error) {
    if (isTranshipError(error) && error.code === 'E_QUAY_TOKEN') return false;
    throw error;
  }
  io.note(`Nothing to do: the token in ${out} lives.`);
  return true;
}
