/** Tags of which nothing can be found out, one by one, so that one of them does not hold up all others of its repository. */
import { isTranshipError, type TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';

/** Why nothing could be found out of a tag. */
export type Unanswered = Map<TagName, TranshipError>;

/** So many tags that cannot be told are a failure of their repository. */
const mostUnanswered = 16;

type Ask = (tag: TagName) => Promise<void>;

/** `ask` that keeps a failure which may be one tag's alone. Without `unanswered` every failure is thrown. */
export function keeping(ask: Ask, unanswered: Unanswered | undefined): Ask {
  if (unanswered === undefined) return ask;
  return async (tag) => {
    try {
      await ask(tag);
    } catch (error) {
      if (!isOfOneTag(error) || unanswered.size >= mostUnanswered) throw error;
      unanswered.set(tag, error);
    }
  };
}

/** Where none of the tags that were asked for could be told, it is no tag's failure; thrown is the first. */
export function refuseSilence(asked: readonly TagName[], unanswered: Unanswered | undefined): void {
  if (unanswered === undefined || asked.length === 0 || !asked.every((tag) => unanswered.has(tag))) return;
  for (const error of unanswered.values()) throw error;
}

/** Rights are a repository's, and a host that is down answers no tag. */
function isOfOneTag(error: unknown): error is TranshipError {
  if (!isTranshipError(error) || error.code === 'E_HOST_DOWN') return false;
  return error.failure === 'failed' || error.failure === 'temporary' || error.failure === 'refused';
}
