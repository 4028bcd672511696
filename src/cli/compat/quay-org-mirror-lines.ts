/** What the organisation-mirror job writes to standard output, in the original's words. */
import type { OrgMirrorSettings } from '../../compat/quay-org-mirror.ts';
import type { QuayChange } from '../../quay/declared/change.ts';
import type { MirrorOutcome } from '../../quay/mirror/carry-out.ts';

/** `Tue Nov 24 07:00:00 UTC 2026`, the first line of the job's log. */
export function dateLine(milliseconds: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(milliseconds)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} UTC ${year}`;
}

export function parameterLines(settings: OrgMirrorSettings): readonly string[] {
  return [
    `Source registry: ${settings.sourceRegistry}`,
    `Source username: ${settings.username}`,
    `Destination registry: ${settings.destinationRegistry}`,
    `Destination robot name: ${settings.robot}`,
    `Namespace: ${settings.namespace}`,
    `Tag glob regex array: ${JSON.stringify(settings.globs)}`,
    `Sync interval: ${settings.interval}`,
    `Recreate mirror configuration: ${settings.recreate}`,
    `Dry run: ${settings.dryRun}`,
    `Debug logging: ${settings.debug}`,
    '',
    `Returning the list of repositories in the ${settings.namespace} organisation/namespace`,
  ];
}

export function outcomeLines(
  outcome: MirrorOutcome,
  { dryRun, debug, recreate }: OrgMirrorSettings,
): readonly string[] {
  const { plan, error } = outcome;
  const head = ['', `Checking for mirror in destination repository: ${plan.repository}`];
  const state = debug ? [`>>>> REPO_STATE: '${plan.state ?? ''}'`] : [];
  if (plan.error !== undefined)
    return [...head, ...state, `ERROR: ${plan.repository} cannot be read: ${said(plan.error)}`];
  if (plan.situation === 'left-alone')
    return [...head, ...state, `Destination repository is ${plan.state}, left alone`];
  const steps = plan.changes.flatMap((change, index) => {
    // What comes behind a failed step was not begun.
    if (index > outcome.done.length || (error === undefined && index >= outcome.done.length)) return [];
    const failed = index === outcome.done.length ? error : undefined;
    return stepLines(change, plan.repository, failed, { dryRun, debug });
  });
  return [...head, ...state, situationLine(outcome, recreate), ...steps];
}

function situationLine({ plan }: MirrorOutcome, recreate: boolean): string {
  if (plan.situation === 'absent') return 'Destination repository does not exist';
  if (plan.situation === 'plain') return 'Destination repository exists, but is not a mirror';
  if (plan.changes.length === 0) return 'Destination repository is mirrored, nothing to do';
  if (recreate) return 'Destination repository is mirrored, but RECREATE_MIRROR_CONFIG flag is set';
  return `Destination repository is mirrored, but differs: ${plan.changes.map(({ reason }) => reason).join(', ')}`;
}

function stepLines(
  change: QuayChange,
  repository: string,
  error: Error | undefined,
  { dryRun, debug }: { readonly dryRun: boolean; readonly debug: boolean },
): readonly string[] {
  const commands = debug ? change.calls.map((call) => `>>>> API command: '${commandOf(call)}'`) : [];
  const lines = [`${titleOf(change)}: ${repository}`, ...commands];
  if (dryRun) return [...lines, 'DRY RUN MODE! Skipping execution...'];
  if (error === undefined) return [...lines, 'Executing command...', 'API Result: 0'];
  const failed = isCreation(change) ? 'Create repo failed' : 'Enabling mirroring on repo failed';
  return [
    ...lines,
    'Executing command...',
    'API Result: 1',
    `ERROR: ${failed} with return code: 1`,
    `ERROR: ${said(error)}`,
  ];
}

function titleOf(change: QuayChange): string {
  if (isCreation(change)) return 'Creating destination repository';
  const creates = change.calls.some(({ name }) => name === 'createMirror');
  if (creates) return 'Setting up mirror config on destination repository';
  const rewrites = change.calls.some(({ name }) => name === 'changeMirror' || name === 'changeState');
  return rewrites
    ? 'Overwriting existing mirror config on destination repository'
    : 'Giving the robot its right to write on destination repository';
}

function isCreation({ calls }: QuayChange): boolean {
  return calls.some(({ name }) => name === 'createRepository');
}

/** A secret's JSON form hides it. */
function commandOf({ name, parameters, body }: QuayChange['calls'][number]): string {
  return [name, ...Object.values(parameters ?? {}), body === undefined ? '' : JSON.stringify(body)].join(' ').trim();
}

function said(error: Error & { readonly serverSaid?: string | undefined }): string {
  return error.serverSaid === undefined ? error.message : `${error.message} (the server said: ${error.serverSaid})`;
}

export function summaryLines(outcomes: readonly MirrorOutcome[], dryRun: boolean): readonly string[] {
  const failed = outcomes.filter(({ error }) => error !== undefined);
  const changed = outcomes.filter(({ error, done }) => error === undefined && done.length > 0);
  const same = outcomes.length - failed.length - changed.length;
  const verb = dryRun ? 'to be set up' : 'set up';
  return [
    '',
    `${outcomes.length} repositories: ${changed.length} ${verb}, ${same} nothing to do, ${failed.length} failed`,
    ...failed.map(({ plan }) => `FAILED: ${plan.repository}`),
  ];
}
