import { resolve } from 'node:path';
import { parseSecretName, secretManifest } from '../../compose/quay/secret-manifest.ts';
import { writePrivateFile } from '../../compose/quay/text-file.ts';
import type { Secret } from '../../kit/secret.ts';
import type { CommandContext } from '../context.ts';
import { usageError } from '../options.ts';

/** Complains about the options before anything is made whose token would then have no place. */
export function checkDelivery({ options }: CommandContext): void {
  const secret = options.text('secret');
  if (secret !== undefined) parseSecretName(secret);
  if (secret !== undefined && options.text('out') !== undefined) {
    throw usageError('--secret and --out are two places for one token.', 'Give one of them.');
  }
}

/** Puts a new token where the options say: a file of mode 0600, a Secret's manifest on standard output, or there as it is. */
export async function deliver(token: Secret, { options, runtime, io }: CommandContext): Promise<void> {
  const secret = options.text('secret');
  if (secret !== undefined) return io.answerRaw(secretManifest(parseSecretName(secret), token));
  const out = options.text('out');
  if (out === undefined) return io.answer(token.reveal());
  await writePrivateFile(resolve(runtime.cwd, out), `${token.reveal()}\n`, runtime.random());
  io.note(`The token is in ${out}.`);
}
