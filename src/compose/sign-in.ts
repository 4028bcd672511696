import { parseRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { Session } from './session.ts';

/** A name that a token can be asked for without meaning any repository: asking to pull creates nothing anywhere. */
export const probeName = parseRepositoryName('tranship/probe') as RepositoryName;

/**
 * Tries a session's credentials at a registry. Throws `E_UNAUTHORIZED` where they are refused; `none` where the registry
 * asked for nothing, so that they were not tried.
 */
export async function signIn(session: Session, host: string, options: CallOptions = {}) {
  const { authentication } = await session.registry(host).granted(probeName, ['pull'], options);
  return authentication;
}
