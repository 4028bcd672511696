import { createQuayToken, parseScopes } from '../../compose/quay/access.ts';
import { parseDuration } from '../../kit/quantity.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { openServer } from '../quay/connection.ts';
import { checkDelivery, deliver } from '../quay/deliver.ts';
import { askSecret, passwordOf } from '../quay/password.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io, signal } = context;
  checkDelivery(context);
  const organization = options.text('org');
  if (organization === undefined) {
    throw usageError('Which organisation is to hold the OAuth application is not said.', 'Give --org NAME.');
  }
  const scopes = parseScopes(options.text('scopes') ?? '');
  const application = options.text('application') ?? 'tranship';
  const seconds = lifetime(options.text('expires'));
  const username = options.text('username');
  const dryRun = options.flag('dryRun');
  const login =
    username && !dryRun
      ? { username, password: await askSecret(context, passwordOf(`Password of ${username}`)) }
      : undefined;
  await using connection = await openServer(context, username ? { anonymous: true } : {});
  if (dryRun) {
    io.note(`Would make a token of ${scopes.join(' ')} in the application ${application} of ${organization}.`);
    return exitDone;
  }
  const name = options.text('name') ?? application;
  const token = await createQuayToken(connection, {
    organization,
    application,
    scopes,
    name,
    seconds,
    signal,
    login,
  });
  await deliver(token, context);
  return exitDone;
}

function lifetime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < 1000) throw usageError('--expires takes a time such as 90d.');
  return Math.floor(milliseconds / 1000);
}
