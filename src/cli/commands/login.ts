import { storeLogin } from '../../compose/logins.ts';
import { registerSecret } from '../../compose/secrets.ts';
import { signIn } from '../../compose/sign-in.ts';
import { Secret } from '../../kit/secret.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import { parseRegistryAddress } from '../../oci/reference.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { withSession } from '../session.ts';
import { isInteractive, prompt, readAll } from '../terminal/prompt.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, options, runtime, signal, io } = context;
  const { host } = parseRegistryAddress(args[0] ?? '');
  const { username, password } = await ask(context, host);
  registerSecret(password.reveal());
  const isSignedIn = options.flag('check') && (await check(context, host, username, password));
  const place = await storeLogin(host, username, password, {
    env: runtime.env,
    home: runtime.home,
    platform: runtime.platform,
    authFile: options.text('authfile'),
    random: () => runtime.random(),
    signal,
  });
  io.note(`${isSignedIn ? `Signed in to ${host} as ${username}. ` : ''}Kept in ${place}.`);
  return exitDone;
}

/** Whether the registry took them; it throws where it refused them. */
async function check(context: CommandContext, host: string, username: string, password: Secret): Promise<boolean> {
  const { signal, io } = context;
  const credential = { kind: 'basic', username, password } as const;
  const answer = await withSession(context, (session) => signIn(session, host, { signal }), undefined, {
    credentials: { find: async () => ({ credential, origin: 'this login' }) },
  }).catch((error: unknown) => {
    throw isTranshipError(error) && error.code === 'E_UNAUTHORIZED' ? wrong(error, username) : error;
  });
  if (answer !== 'none') return true;
  io.warn(`${host} asked for no credentials, so they were not tried.`);
  return false;
}

function wrong({ subject, serverSaid }: TranshipError, username: string): TranshipError {
  return new TranshipError('E_UNAUTHORIZED', 'auth', `This password for ${username} was refused. Nothing was kept.`, {
    ...(subject !== undefined && { subject }),
    ...(serverSaid !== undefined && { serverSaid }),
    hint: 'Some registries want a token or a robot’s password here; --no-check keeps one without trying it.',
  });
}

async function ask(context: CommandContext, host: string): Promise<{ username: string; password: Secret }> {
  const { options, runtime, signal } = context;
  const piped = options.flag('passwordStdin');
  if (piped && options.text('username') === undefined) throw usageError('--password-stdin needs --username.');
  if (!piped && !isInteractive(runtime)) throw nobodyToAsk();
  const username = options.text('username') ?? (await prompt(runtime, `User for ${host}: `, { signal }));
  const password = piped
    ? await readAll(runtime)
    : await prompt(runtime, `Password of ${username}: `, { signal, hidden: true });
  if (username === '' || password === '') throw usageError('User and password must not be empty.');
  return { username, password: new Secret(password) };
}

function nobodyToAsk(): TranshipError {
  return new TranshipError('E_NOT_A_TERMINAL', 'usage', 'A password has to be asked for, and nobody is here.', {
    hint: 'Pipe it in: printenv TOKEN | tranship login REGISTRY --username NAME --password-stdin',
  });
}
