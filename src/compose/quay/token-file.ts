/** Tokens on their way in and out: from a file, to a file of mode 0600, as a Kubernetes Secret's manifest. */
import { chmod, stat } from 'node:fs/promises';
import { registerSecret } from '../../http/redact.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import { readPrivateFile, writePrivateFile } from '../../quay/private-file.ts';

export { writePrivateFile };

/** The secret in a file; a line break at its end is not part of it. Throws `E_QUAY_TOKEN_FILE`. */
export async function readSecretFile(path: string): Promise<Secret> {
  const secret = await findSecretFile(path);
  if (secret !== undefined) return secret;
  throw new TranshipError('E_QUAY_TOKEN_FILE', 'failed', 'There is no such file for the token, or it is empty', {
    subject: path,
    hint: 'Check the path.',
  });
}

/** The same, or nothing where there is no file or nothing in it. */
export async function findSecretFile(path: string): Promise<Secret | undefined> {
  const text = (await readPrivateFile(path))?.replace(/\r?\n$/, '');
  if (text === undefined || text === '') return undefined;
  registerSecret(text);
  return new Secret(text);
}

export interface SecretName {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** `tranship-token`, `quay/tranship-token`. */
export function parseSecretName(text: string): SecretName {
  const [name = '', namespace, ...more] = text.split('/').toReversed();
  const label = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
  if (more.length === 0 && label.test(name) && (namespace === undefined || label.test(namespace))) {
    return { name, namespace };
  }
  throw new TranshipError('E_USAGE', 'usage', `"${text}" is no name of a Secret`, {
    hint: 'Write NAME or NAMESPACE/NAME.',
  });
}

/** A Secret's manifest with the token under `token`. It is as secret as the token. */
export function secretManifest({ name, namespace }: SecretName, token: Secret): string {
  const place = namespace === undefined ? '' : `  namespace: ${namespace}\n`;
  const value = Buffer.from(token.reveal()).toString('base64');
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n${place}type: Opaque\ndata:\n  token: ${value}\n`;
}

/** A text file as it is; `undefined` where there is none. */
export { readPrivateFile as readTextFile } from '../../quay/private-file.ts';

/** Puts a file in place of another in one step, with the rights that the other had. */
export async function writeTextFile(path: string, text: string, unique: string): Promise<void> {
  const { mode } = await stat(path);
  await writePrivateFile(path, text, unique);
  await chmod(path, mode & 0o777);
}

/** A file of tokens by name; none where there is no file. */
export async function parseSecretTokens(path: string): Promise<Record<string, string>> {
  const text = await readPrivateFile(path);
  if (text === undefined) return {};
  const tokens: unknown = JSON.parse(text);
  if (typeof tokens !== 'object' || tokens === null) return {};
  const entries = Object.entries(tokens).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  for (const [, token] of entries) registerSecret(token);
  return Object.fromEntries(entries);
}
