import type { RepositoryName } from '../oci/names.ts';
import type { Access } from './access.ts';
import type { Exchange } from './exchange.ts';
import { fault } from './fault.ts';
import type { StoredRepository } from './repository.ts';
import type { Storage } from './storage.ts';

/** What a registry allows beside who may do it. */
export interface Rules {
  readonly deletes: boolean;
  readonly sparseIndexes: boolean;
  /** The most bytes of one blob. */
  readonly largestBlob: number;
}

/** What a handler of one request has at hand. */
export interface Context extends Exchange {
  readonly storage: Storage;
  readonly rules: Rules;
  readonly access: Access;
}

/** The repository of a read; a fault where there is none. */
export async function existing(storage: Storage, name: RepositoryName): Promise<StoredRepository> {
  const found = await storage.find(name);
  if (found === undefined) throw fault(404, 'NAME_UNKNOWN', 'there is no such repository', { name });
  return found;
}
