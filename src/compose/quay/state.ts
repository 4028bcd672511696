/** Declared state of a Quay: plan it, apply it, write down what is there. */
import type { QuayFile } from '../../config/quay-file.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayChange } from '../../quay/declared/change.ts';
import { overCap, withoutDeletions } from '../../quay/declared/deletions.ts';
import { describeOrganization } from '../../quay/declared/describe.ts';
import { wholeOrganization } from '../../quay/declared/interest.ts';
import { observeOrganization } from '../../quay/declared/observe.ts';
import { type ChangeResult, runPlan } from '../../quay/declared/run.ts';
import { missingScopes } from '../../quay/declared/scopes.ts';
import { type PlanOptions, planState, type StatePlan } from '../../quay/declared/state-plan.ts';
import type { DeclaredOrganization } from '../../quay/declared/types.ts';
import { allUsers, describeUsers } from '../../quay/declared/users.ts';
import { quayYaml } from '../../quay/declared/written.ts';
import { requireLiveToken } from '../../quay/liveness.ts';
import { type QuayConnection, requireWritable } from './connect.ts';
import { readSecrets } from './declaration.ts';

export interface QuayPlanOptions extends Omit<PlanOptions, 'now'> {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Delete what the file says is to be absent. Without it, that is only shown. */
  readonly prune?: boolean;
  /** The most objects to delete. Default: a tenth of what was looked at, at least three. */
  readonly maxDeletions?: number | undefined;
}

export interface QuayPlan {
  /** What will be done. */
  readonly plan: StatePlan;
  /** Deletions that wait for `prune`. */
  readonly held: readonly QuayChange[];
  /** Why nothing of it may be done, if so: the file asks for what the server lacks, or the token, or too many deletions. */
  readonly refusal: TranshipError | undefined;
}

/** Looks and compares; writes nothing. */
export async function planQuay(
  connection: QuayConnection,
  file: QuayFile,
  options: QuayPlanOptions,
): Promise<QuayPlan> {
  const { quay, features } = connection;
  const declared = await readSecrets(file, options);
  const [first = 'tranship'] = Object.keys(declared.organizations);
  await requireLiveToken(quay, first, options);
  const now = new Date(options.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  const all = await planState(quay, features, declared, { ...options, now });
  const { plan, held } = options.prune === true ? { plan: all, held: [] } : withoutDeletions(all);
  const refusal = lacking(plan) ?? (await shortOfScopes(connection, plan, options)) ?? capped(plan, options);
  return { plan, held, refusal };
}

function capped(plan: StatePlan, options: QuayPlanOptions): TranshipError | undefined {
  return options.prune === true ? overCap(plan, { max: options.maxDeletions }) : undefined;
}

/** Carries a plan out. Throws its refusal before anything is written; what a change did stands in its result. */
export async function applyQuay(
  connection: QuayConnection,
  { plan, refusal }: QuayPlan,
  options: CallOptions & { readonly onResult?: (result: ChangeResult) => void } = {},
): Promise<readonly ChangeResult[]> {
  if (refusal !== undefined) throw refusal;
  if (plan.parts.some((part) => part.changes.length > 0)) requireWritable(connection);
  return runPlan(connection.quay, plan, options);
}

export interface ExportOptions extends CallOptions {
  /** The server's users, too: a superuser's business. Never their passwords. */
  readonly users?: boolean;
}

/** The state of organisations as a `quay.yaml` that changes nothing when it is applied. */
export async function exportQuay(
  { quay }: QuayConnection,
  names: readonly string[],
  { users: withUsers = false, ...options }: ExportOptions = {},
): Promise<string> {
  const organizations: Record<string, DeclaredOrganization> = {};
  const [first = 'tranship'] = names;
  await requireLiveToken(quay, first, options);
  const users = withUsers ? describeUsers(await Array.fromAsync(allUsers(quay, options))) : undefined;
  for (const name of names) {
    const observed = await observeOrganization(quay, name, wholeOrganization, options);
    if (observed.view === undefined) {
      throw new TranshipError('E_QUAY_ABSENT', 'failed', `There is no organisation ${name}`, { subject: quay.server });
    }
    organizations[name] = describeOrganization(observed);
  }
  return quayYaml(quay.url.origin, { organizations, ...(users && { users }) });
}

function lacking(plan: StatePlan): TranshipError | undefined {
  const asked = plan.parts.flatMap((part) => part.remarks).filter((remark) => remark.asked === true);
  if (asked.length === 0) return undefined;
  const lines = asked.map(({ object, message }) => `${object}: ${message}`);
  return new TranshipError(
    'E_QUAY_FEATURE_OFF',
    'usage',
    `The file asks for what cannot be done: ${lines.join('; ')}`,
    {
      subject: plan.server,
      hint: 'Nothing was changed. Change the server or the file, then run it again.',
    },
  );
}

async function shortOfScopes(
  { quay }: QuayConnection,
  plan: StatePlan,
  options: CallOptions,
): Promise<TranshipError | undefined> {
  const changes = plan.parts.flatMap((part) => part.changes);
  const existing = plan.parts.filter((part) => part.kind === 'organization' && part.exists).map((part) => part.name);
  const missing = await missingScopes(quay, changes, new Set(existing), options);
  if (missing.length === 0) return undefined;
  const words = missing.map(({ scope, object }) => `${scope} (for ${object})`).join(', ');
  return new TranshipError('E_QUAY_SCOPE', 'auth', `The token may not do what the file asks for. It lacks ${words}`, {
    subject: quay.server,
    hint: 'Nothing was changed. Make a token with these scopes, of a user who has the rights.',
  });
}
