import type { Secret } from '../kit/secret.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { ListingDeps } from './types.ts';

export interface Account {
  readonly username: string;
  readonly password: Secret;
}

/** The account that the registry's credentials name; none for identity tokens, which only token services understand. */
export async function accountOf(
  { credentials, host }: ListingDeps,
  repository: RepositoryName | undefined,
  options: CallOptions,
): Promise<Account | undefined> {
  const found = await credentials.find(host, repository, options);
  if (found?.credential.kind !== 'basic') return undefined;
  const { username, password } = found.credential;
  return { username, password };
}

export function basic({ username, password }: Account): Secret {
  return password.map((value) => `Basic ${Buffer.from(`${username}:${value}`).toString('base64')}`);
}

export function bearer(token: Secret): Secret {
  return token.map((value) => `Bearer ${value}`);
}
