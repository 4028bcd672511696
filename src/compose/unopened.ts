import type { TranshipError } from '../oci/errors.ts';
import { MemoryRepository } from '../oci/memory.ts';

/** A destination that could not be opened: what is to be copied there fails with the reason, and nothing else does. */
export class Unopened extends MemoryRepository {
  readonly #error: TranshipError;

  constructor(location: string, error: TranshipError) {
    super({ location });
    this.#error = error;
  }

  override resolve(): Promise<never> {
    return Promise.reject(this.#error);
  }

  override pushBlob(): Promise<never> {
    return Promise.reject(this.#error);
  }

  override pushManifest(): Promise<never> {
    return Promise.reject(this.#error);
  }

  override listTags(): never {
    throw this.#error;
  }
}
