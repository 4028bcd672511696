/** Tokens on their way in and out: from a file, to a file of mode 0600, as a Kubernetes Secret's manifest. */
import { registerSecret } from '../../http/redact.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import { readPrivateFile } from '../../quay/private-file.ts';

export { writePrivateFile } from '../../quay/private-file.ts';

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
