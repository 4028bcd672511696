/** Makes one Quay mirror an organisation of another: look, compare, do, tell. */
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { mirrorAbilities } from '../declared/abilities.ts';
import { applyChange, type QuayChange } from '../declared/change.ts';
import { carryOutMirrors, type MirrorOutcome, removalCap, removeGone } from './carry-out.ts';
import { suspiciousGlobs } from './glob-check.ts';
import { type OrganizationMirrorFit, organizationMirrorFit, planOrganizationMirror } from './organization.ts';
import { type MirrorPlan, planMirrors } from './plan.ts';
import { requireDestination, requireSource } from './preflight.ts';
import type { MirrorSetup } from './setup.ts';
import { toSeconds } from './start.ts';
import { type MirrorSurvey, survey } from './survey.ts';

export interface MirrorWarning {
  readonly code: `W_${string}`;
  readonly message: string;
  readonly subject?: string;
}

export interface SetUpOptions extends CallOptions {
  readonly dryRun?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly anonymousSource?: boolean;
  /** Let Quay mirror the organisation itself; refused where that does not fit. */
  readonly organizationMirror?: boolean;
  /** Remove repositories whose source is gone. `confirm` is asked first. */
  readonly prune?: boolean;
  /** The most that may be removed. Absent: a tenth of the mirrors. */
  readonly mostRemovals?: number;
  readonly confirm?: (repositories: readonly string[]) => Promise<boolean>;
  readonly warn?: (warning: MirrorWarning) => void;
  /** Told once, before anything is done. */
  readonly planned?: (plan: MirrorPlan, fit: OrganizationMirrorFit) => void;
  /** Told of what was made of the robot, before any repository. */
  readonly tellRobot?: (changes: readonly QuayChange[]) => void;
  /** Told of each repository once it is done, in the source's order. */
  readonly tell?: (outcome: MirrorOutcome) => void;
}

export interface SetUpResult {
  readonly plan: MirrorPlan;
  readonly outcomes: readonly MirrorOutcome[];
  readonly removed: readonly MirrorOutcome[];
  readonly fit: OrganizationMirrorFit;
  /** Of Quay's own organisation mirror, where that was asked for. */
  readonly organization?: readonly QuayChange[];
}

export async function setUpMirrors(
  source: QuayClient,
  destination: QuayClient,
  setup: MirrorSetup,
  options: SetUpOptions,
): Promise<SetUpResult> {
  const { signal, anonymousSource = false } = options;
  await requireSource(source, setup.source.organization, { anonymous: anonymousSource, signal });
  const view = await requireDestination(destination, setup.organization, { signal });
  const found = await survey(source, destination, setup, view, { anonymousSource, signal });
  const fit = await organizationMirrorFit(destination, setup, view, found.held, { signal });
  const now = toSeconds(options.now);
  const abilities = destination.features
    ? mirrorAbilities(destination.features)
    : { timeout: false, architectures: false };
  const plan = planMirrors(setup, found, { abilities, now });
  refuseLacking(destination, plan);
  if (options.organizationMirror === true) return mirrorWhole(source, destination, setup, { plan, fit, now }, options);
  if (found.found.size > 0) requireRobot(destination, found);
  await warnBefore(source, setup, found, plan, options);
  options.planned?.(plan, fit);
  const outcomes = await carryOutMirrors(destination, plan, options);
  const removed = await removeWhereAsked(destination, found, plan, options);
  return { plan, outcomes, removed, fit };
}

function refuseLacking(quay: QuayClient, { lacking }: MirrorPlan): void {
  const [first] = lacking;
  if (first === undefined) return;
  const message = lacking.map((remark) => remark.message).join('; ');
  throw new TranshipError('E_QUAY_UNSUPPORTED', 'usage', `Not as asked: ${message}`, {
    side: 'destination',
    subject: quay.server,
    hint: 'Leave it out for this server. Nothing was written.',
  });
}

/** Without its robot no mirror can be made, and only an administrator's token makes one. */
function requireRobot(quay: QuayClient, { robot, destination }: MirrorSurvey): void {
  if (robot.exists !== false || destination.is_admin) return;
  throw new TranshipError('E_QUAY_ROBOT', 'failed', `There is no robot ${robot.name}`, {
    side: 'destination',
    subject: quay.server,
    hint: 'Make it on the web page (organisation → Robot Accounts), or give a token with the scope org:admin, and it is made.',
  });
}

async function warnBefore(
  source: QuayClient,
  setup: MirrorSetup,
  found: MirrorSurvey,
  plan: MirrorPlan,
  { warn = () => undefined, signal, prune }: SetUpOptions,
): Promise<void> {
  const { organization } = setup.source;
  if (found.source.length === 0) {
    const message = `${source.server} shows no repository in ${organization}: it is empty, or the token's user may see none`;
    warn({ code: 'W_QUAY_SOURCE_EMPTY', message, subject: organization });
  }
  if (!found.destination.is_admin) warn(withoutAdministrator(setup, found));
  for (const { repository, state, situation, takesOver } of plan.repositories) {
    if (takesOver === true) {
      const message = `${repository} holds tags; as a mirror it loses those that the source has not, and signatures are stripped`;
      warn({ code: 'W_QUAY_TAKES_OVER', message, subject: repository });
    }
    if (situation === 'left-alone') {
      const message = `${repository} is ${state} and was left alone`;
      warn({ code: 'W_QUAY_LEFT_ALONE', message, subject: repository });
    }
  }
  for (const { repository, certain } of plan.gone) {
    if (prune === true && certain && found.source.length > 0) continue;
    const why = certain ? 'is gone' : 'is gone, or hidden from the token';
    const message = `the source of the mirror ${repository} ${why}; the mirror stays`;
    warn({ code: 'W_QUAY_SOURCE_GONE', message, subject: repository });
  }
  const names = [...found.found.keys()].map((name) => `${organization}/${name}`);
  for (const glob of await suspects(source, setup.tags, names, signal)) {
    const message = `the tag pattern ${glob} looks like a regular expression and matches no tag; Quay reads globs, such as v1.* or *`;
    warn({ code: 'W_QUAY_TAG_GLOB', message, subject: glob });
  }
}

function withoutAdministrator({ organization }: MirrorSetup, { robot }: MirrorSurvey): MirrorWarning {
  const known = robot.exists === true ? 'exists' : 'could not be looked for';
  const message = `the token lacks org:admin on ${organization}: its robot ${robot.name} ${known}; the robot and its default permission were not made or checked`;
  return { code: 'W_QUAY_RIGHTS', message, subject: organization };
}

/** Only a check: a source whose tags cannot be listed says so when they are mirrored. */
async function suspects(
  source: QuayClient,
  globs: readonly string[],
  repositories: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  try {
    return await suspiciousGlobs(source, globs, repositories, { signal });
  } catch (error) {
    if (isTranshipError(error) && error.failure === 'auth') return [];
    throw error;
  }
}

async function removeWhereAsked(
  quay: QuayClient,
  found: MirrorSurvey,
  { gone }: MirrorPlan,
  options: SetUpOptions,
): Promise<readonly MirrorOutcome[]> {
  const certain = gone.filter((one) => one.certain).map(({ repository }) => repository);
  if (options.prune !== true || certain.length === 0 || found.source.length === 0) return [];
  const cap = options.mostRemovals ?? removalCap(found.found.size + gone.length);
  if (certain.length <= cap && options.dryRun !== true && (await options.confirm?.(certain)) !== true) return [];
  return removeGone(quay, gone, cap, options);
}

interface WholeContext {
  readonly plan: MirrorPlan;
  readonly fit: OrganizationMirrorFit;
  readonly now: string;
}

async function mirrorWhole(
  source: QuayClient,
  destination: QuayClient,
  setup: MirrorSetup,
  { plan, fit, now }: WholeContext,
  options: SetUpOptions,
): Promise<SetUpResult> {
  const { signal, dryRun } = options;
  const changes = await planOrganizationMirror(destination, setup, fit, now, source.url.origin, { signal });
  const none: MirrorPlan = { ...plan, repositories: [], gone: [] };
  options.planned?.(none, fit);
  const all = [...plan.robot, ...changes];
  if (dryRun !== true) for (const change of all) await applyChange(destination, change, { signal });
  return { plan: none, outcomes: [], removed: [], fit, organization: all };
}
