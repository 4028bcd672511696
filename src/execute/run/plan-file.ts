import { TranshipError } from '../../oci/errors.ts';
import { isRepositoryName } from '../../oci/names.ts';
import type { Plan, PlannedPlace } from '../../plan/types.ts';
import { planSchema } from '../../report/schema.ts';

/** Reads a plan that was saved. It may come from anywhere, so every name and digest is checked. Throws `E_PLAN`. */
export function readPlan(text: string, file: string): Plan {
  const value = jsonOf(text);
  if (value === undefined) throw noPlan(file, 'it is not JSON');
  const { data: plan, error } = planSchema.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (issue !== undefined) throw noPlan(file, `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  const odd = plan?.repositories.flatMap(({ source, destination }) => [source, destination]).find(isOdd);
  if (odd !== undefined) throw noPlan(file, `"${odd.repository}" is no repository name`);
  if (plan === undefined) throw noPlan(file, 'it is empty');
  return plan;
}

/** A repository pair that failed as a whole may have no name. */
function isOdd({ repository }: PlannedPlace): boolean {
  return repository !== '' && !isRepositoryName(repository);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noPlan(subject: string, why: string): TranshipError {
  return new TranshipError('E_PLAN', 'usage', `This is no plan (${why}).`, {
    subject,
    hint: 'Make one with `tranship plan --save FILE`.',
  });
}
