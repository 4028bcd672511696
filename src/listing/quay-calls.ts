import type { CallOptions } from '../oci/ports.ts';

/** A tag as Quay's tag API shows it. */
export interface QuayTag {
  readonly name: string;
  readonly manifest_digest: string;
  /** Seconds since the epoch: when the tag was set. */
  readonly start_ts?: number | null | undefined;
  /** Bytes; none for an index. */
  readonly size?: number | null | undefined;
}

export interface QuayRepository {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The calls to Quay's API that a listing needs. They are handed in, because the table of Quay's endpoints and its client stand
 * in a room of their own.
 */
export interface QuayCalls {
  /** The active tags of `namespace/name`, all of them or an error. */
  tagsOf(repository: string, options: CallOptions): AsyncIterable<QuayTag>;
  /** Every repository of a namespace that the token may see, the public ones included. */
  repositoriesOf(namespace: string, options: CallOptions): AsyncIterable<QuayRepository>;
  /**
   * Throws where the token is dead: Quay answers a dead one's listings as to a stranger, with what is public, so that
   * "nothing there" and "token dead" look the same. Absent where there is no token.
   */
  requireLiveToken?(namespace: string, options: CallOptions): Promise<void>;
  /** Whether there is an organisation or a user of that name. */
  namespaceExists(namespace: string, options: CallOptions): Promise<boolean>;
  createOrganization(name: string, options: CallOptions): Promise<void>;
  repositoryExists(repository: string, options: CallOptions): Promise<boolean>;
  createRepository(
    repository: QuayRepository & { readonly visibility: 'private' | 'public'; readonly description: string },
    options: CallOptions,
  ): Promise<void>;
}
