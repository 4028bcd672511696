import type { IncomingMessage } from 'node:http';
import type { RepositoryName } from '../oci/names.ts';
import type { Exchange } from './exchange.ts';

export type Action = 'pull' | 'push' | 'delete';

/** What one request may do. */
export interface Access {
  may(action: Action, repository: RepositoryName): boolean;
  /** Whether a listing of all repositories shows this one. */
  sees(repository: RepositoryName): boolean;
  /** The answer for a request that may not: a challenge for someone unknown, a denial for someone known. */
  refuse(action: Action, repository: RepositoryName): Error;
}

/** Decides who may do what. */
export interface Gate {
  /** What the request's `Authorization` opens. Throws the challenge where it opens nothing at all. */
  admit(request: IncomingMessage): Access;
  /** Answers requests to the gate's own paths (a token endpoint); `false` for every other path. */
  answer?(exchange: Exchange): Promise<boolean>;
}

const openAccess: Access = {
  may: () => true,
  sees: () => true,
  refuse: () => new Error('an open registry refuses nobody'),
};

/** Lets everyone do everything. */
export const openGate: Gate = { admit: () => openAccess };
