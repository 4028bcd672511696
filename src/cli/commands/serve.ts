import { type ServeOptions, serve } from '../../compose/serve.ts';
import { bytesText, durationText } from '../../kit/quantity.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, options, io, signal, runtime } = context;
  const [directory] = args;
  const registry = await serve({
    directory,
    listen: options.text('listen') ?? '',
    certFile: options.text('cert'),
    keyFile: options.text('key'),
    user: userOf(context),
    htpasswdFile: options.text('htpasswd'),
    anonymousPull: options.flag('anonymousPull'),
    tokens: options.flag('tokenAuth'),
    readOnly: options.flag('readOnly'),
    delete: options.flag('delete'),
    env: runtime.env,
    onRequest: ({ method, url, status, milliseconds, sent, received }) =>
      io.debug(`${method} ${url}  ${status}, ${durationText(milliseconds)}, ${bytesText(sent + received)}`),
    onError: (error) => io.error(`The registry failed: ${error instanceof Error ? error.stack : String(error)}`),
  });
  io.answer(registry.url);
  const kept = directory === undefined ? 'What is pushed is gone when it stops' : `It keeps everything in ${directory}`;
  io.note(`Serving a registry. ${kept}. Stop it with Ctrl-C.`);
  await stopped(signal);
  await registry.close();
  return exitDone;
}

function userOf({ options }: CommandContext): ServeOptions['user'] {
  const name = options.text('user');
  const [file, env] = [options.text('passwordFile'), options.text('passwordEnv')];
  if (name === undefined && file === undefined && env === undefined) return undefined;
  if (name === undefined) throw usageError('A password needs its user.', 'Give --user NAME as well.');
  if (file !== undefined) return { name, password: { file } };
  if (env !== undefined) return { name, password: { env } };
  throw usageError('--user needs a password.', 'Give --password-file FILE or --password-env NAME.');
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
