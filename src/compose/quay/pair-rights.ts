/** Repositories of a pair that cannot be written: found out while the run is planned, and told once instead of for every tag. */
import { failureOf } from '../../execute/failure.ts';
import type { PlanContext, RepositoryWork } from '../../execute/run/plan-repository.ts';
import type { HttpClient } from '../../http/types.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { mayPush, tokenLogin } from '../../quay/pair/push-rights.ts';
import type { OpenSide } from './pair.ts';

/** A question that fails is a failure of this repository, which may be planned once more, not of the run. */
export async function orFailed(
  work: RepositoryWork,
  judge: () => Promise<RepositoryWork>,
  { signal }: PlanContext,
): Promise<RepositoryWork> {
  try {
    return await judge();
  } catch (error) {
    if (!isTranshipError(error) || signal?.aborted === true) throw error;
    return withFailure(work, error);
  }
}

export function withFailure(work: RepositoryWork, error: TranshipError): RepositoryWork {
  return { ...work, plan: { ...work.plan, items: [], failure: failureOf(error) } };
}

export interface RightsInput extends CallOptions {
  readonly http: HttpClient;
  readonly dryRun: boolean;
}

/** The work, or its failure where the login may not push. Nothing is asked where nothing is to be written. */
export async function whereWritable(work: RepositoryWork, side: OpenSide, input: RightsInput): Promise<RepositoryWork> {
  const { plan, target: repository } = work;
  if (!plan.items.some(({ action }) => action === 'copy' || action === 'update')) return work;
  const { http, dryRun, signal } = input;
  const allowed = await mayPush(side.connection.quay, http, side.login, { repository, dryRun, signal });
  return allowed ? work : withFailure(work, refusal(plan.destination.location, side.login.username));
}

function refusal(subject: string, username: string): TranshipError {
  if (username === tokenLogin) {
    return new TranshipError('E_QUAY_SCOPE', 'auth', 'The token may not push to the repository', {
      side: 'destination',
      subject,
      hint: 'Make a token with the scope repo:write or repo:admin, of a user who may write to it.',
    });
  }
  return new TranshipError('E_DENIED', 'auth', `${username} may not push to the repository`, {
    side: 'destination',
    subject,
    hint: 'Give it write on the repository, or log in as somebody who has it.',
  });
}
