import { lockFolder } from '../layout/lock.ts';
import { isTranshipError } from '../oci/errors.ts';

/** A run that writes to a layout has it for a moment. */
const lockWaitMs = 2_000;

export interface HoldOptions {
  readonly readOnly?: boolean | undefined;
  /** For tests. */
  readonly lock?: typeof lockFolder;
}

/**
 * Keeps others from writing to a folder. A registry that only reads does without on a disk that takes no files: nobody writes there.
 */
export async function hold(folder: string, { readOnly, lock = lockFolder }: HoldOptions): Promise<AsyncDisposable> {
  try {
    return await lock(folder, { waitMs: lockWaitMs });
  } catch (error) {
    if (!readOnly || !isTranshipError(error) || error.code !== 'E_READ_ONLY') throw error;
    return { async [Symbol.asyncDispose]() {} };
  }
}
