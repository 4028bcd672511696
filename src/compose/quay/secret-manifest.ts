/** A token as a Kubernetes Secret, to be applied by whoever may. */
import type { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';

export interface SecretName {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** `tranship-token`, `quay/tranship-token`. Throws `E_USAGE`. */
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
