import type { Secret } from '../../kit/secret.ts';

export interface RegistryUser {
  readonly name: string;
  readonly password: Secret;
  /** Default `write`: pull, push and delete. */
  readonly access?: 'read' | 'write';
  /** Repositories that it is good for: names, or `prefix/*` for all below. Default: all. */
  readonly repositories?: readonly string[];
}

export type AuthOptions = {
  readonly users: readonly RegistryUser[];
  /** What someone without credentials may do. Default nothing. */
  readonly anonymous?: 'read';
} & (
  | { readonly kind: 'basic'; readonly realm?: string }
  | {
      /** Tokens from the registry's own `/token`, as large registries have them. */
      readonly kind: 'token';
      readonly service?: string;
      /** Default 300. */
      readonly lifetimeSeconds?: number;
    }
);
