import { TranshipError } from '../oci/errors.ts';

/** A discovery that needs to be told where to look, because the registry does not list everything that it has. */
export function namespaceNeeded(host: string): TranshipError {
  return new TranshipError('E_UNSUPPORTED', 'failed', 'The registry lists repositories only below a namespace.', {
    subject: host,
    hint: 'Begin the pattern with a namespace: `mirror/**` instead of `**`.',
  });
}
