/** What to make of a token that may not see or do something, where that is an answer and no failure. */
import { isTranshipError } from '../oci/errors.ts';

/** The server said 403: the token, or its user, may not do this. */
export function isForbidden(error: unknown): boolean {
  return isTranshipError(error) && error.code === 'E_QUAY_SCOPE';
}

/** The answer, or `otherwise` where the token may not have it. Throws every other failure. */
export async function unlessForbidden<T, const O>(answer: Promise<T>, otherwise: O): Promise<T | O> {
  try {
    return await answer;
  } catch (error) {
    if (isForbidden(error)) return otherwise;
    throw error;
  }
}
