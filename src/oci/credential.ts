import type { Secret } from '../kit/secret.ts';
import type { RepositoryName } from './names.ts';
import type { CallOptions } from './ports.ts';

/** What opens a registry's door. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  /** An OAuth2 refresh token, as `docker login` stores it (`identitytoken`). */
  | { readonly kind: 'identity-token'; readonly token: Secret };

/** Where credentials come from. Looked up once per registry and repository, when a server first asks for them. */
export interface CredentialSource {
  /** The credential for `registry` (`host[:port]`), the most specific path first; `undefined` = go on anonymously. */
  find(
    registry: string,
    repository: RepositoryName | undefined,
    options?: CallOptions,
  ): Promise<FoundCredential | undefined>;
}

export interface FoundCredential {
  readonly credential: Credential;
  /** Where it was found, for messages: `~/.docker/config.json`, `TRANSHIP_…`, `tranship.yaml:4:7`. */
  readonly origin: string;
}
