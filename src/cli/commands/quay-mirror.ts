import { setUpOrganization } from '../../compose/quay/mirror.ts';
import { safeText } from '../../kit/text.ts';
import type { MirrorOutcome } from '../../quay/mirror/carry-out.ts';
import type { MirrorWarning, SetUpResult } from '../../quay/mirror/run.ts';
import { confirm } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfItems } from '../exit-codes.ts';
import { warnAbout } from '../progress/warnings.ts';
import { errorLines } from '../render-error.ts';
import { runAndReport } from './quay-mirror-jobs.ts';
import { mirrorSetup, quayConnection, quayOrganization, secretFrom } from './quay-mirror-options.ts';

/** Sets up the mirrors of an organisation, and starts them where that is asked for. */
export async function run(context: CommandContext): Promise<number> {
  const { args, options, signal, io } = context;
  const source = quayOrganization(args[0] ?? '');
  const to = quayOrganization(args[1] ?? '', source);
  const setup = await mirrorSetup(context, source, to);
  const [sourceToken, destinationToken] = [
    await secretFrom(context, 'sourceTokenEnv', 'sourceTokenFile', 'TRANSHIP_QUAY_SOURCE_TOKEN'),
    await secretFrom(context, 'tokenEnv', 'tokenFile'),
  ];
  const json = options.text('output') === 'json';
  const dryRun = options.flag('dryRun');
  const warnings: MirrorWarning[] = [];
  const mostRemovals = options.count('maxDeletions');
  const result = await setUpOrganization({
    connections: {
      ...quayConnection(context),
      source: source.server,
      destination: to.server,
      destinationToken,
      sourceToken,
    },
    setup,
    dryRun,
    anonymousSource: options.flag('anonymousSource'),
    organizationMirror: options.flag('organizationMirror'),
    prune: options.flag('prune'),
    ...(mostRemovals !== undefined && { mostRemovals }),
    confirm: (gone) => confirm(context, `Delete ${gone.join(', ')}, with all that they hold?`),
    warn: (warning) => {
      warnings.push(warning);
      warnAbout({ type: 'warning', at: context.runtime.now(), ...warning }, io);
    },
    tellRobot: (changes) => {
      if (!json) for (const change of changes) io.answer(changeLine(change, dryRun));
    },
    tell: (outcome) => {
      if (!json) for (const line of outcomeLines(outcome, dryRun)) io.answer(safeText(line));
    },
    signal,
  });
  if (json) io.json(documentOf(result, warnings, { source: args[0] ?? '', destination: to, dryRun }));
  else conclude(result, dryRun, context);
  for (const { error } of [...result.outcomes, ...result.removed]) {
    if (error !== undefined) for (const line of errorLines(error, io.paintNote)) io.error(line);
  }
  const code = exitCodeOf(result);
  if (!options.flag('syncNow') || dryRun || code !== 0) return code;
  return runAndReport(context, to, destinationToken);
}

const signs = { create: '+', update: '~', delete: '-' } as const;

/** `+ payments/api   mirror of payments/api: new` for each change; nothing for what is as it should be. */
function outcomeLines({ plan, done, error }: MirrorOutcome, dryRun: boolean): readonly string[] {
  if (error !== undefined) return [`! ${plan.repository}  failed: ${error.message}`];
  if (plan.situation === 'left-alone') return [`! ${plan.repository}  ${plan.state}, left alone`];
  return done.map((change) => changeLine(change, dryRun));
}

function changeLine({ action, object, reason }: MirrorOutcome['done'][number], dryRun: boolean): string {
  return safeText(`${signs[action]} ${object}  ${dryRun ? 'would be ' : ''}${words[action]} (${reason})`);
}

const words = { create: 'made', update: 'changed', delete: 'removed' } as const;

function conclude({ outcomes, removed, fit, organization }: SetUpResult, dryRun: boolean, context: CommandContext) {
  const { io } = context;
  for (const change of organization ?? []) io.answer(changeLine(change, dryRun));
  const failed = [...outcomes, ...removed].filter(({ error }) => error !== undefined).length;
  const changed = outcomes.filter(({ done, error }) => error === undefined && done.length > 0).length;
  const same = outcomes.length - changed - outcomes.filter(({ error }) => error !== undefined).length;
  if (organization === undefined) {
    io.note(`${changed} ${dryRun ? 'to set up' : 'set up'}, ${same} as they should be, ${failed} failed.`);
  }
  if (organization !== undefined) return;
  io.note(
    fit.fits
      ? "Quay's own organisation mirror would fit too: --organization-mirror."
      : `Quay's own organisation mirror does not fit: ${fit.reasons.join('; ')}.`,
  );
}

function exitCodeOf({ outcomes, removed }: SetUpResult): number {
  const all = [...outcomes, ...removed];
  const failures = all.flatMap(({ error }) => (error === undefined ? [] : [error.failure]));
  return exitCodeOfItems(all.length - failures.length, failures);
}

interface Told {
  readonly source: string;
  readonly destination: { readonly server: string; readonly organization: string };
  readonly dryRun: boolean;
}

function documentOf(result: SetUpResult, warnings: readonly MirrorWarning[], told: Told): object {
  const { plan, outcomes, removed, fit, organization } = result;
  const { server, organization: name } = told.destination;
  return {
    apiVersion: 'tranship/v1',
    kind: 'QuayMirrorReport',
    source: told.source,
    destination: `${server}/${name}`,
    dryRun: told.dryRun,
    organization: (organization ?? plan.robot).map(changeOf),
    repositories: outcomes.map(itemOf),
    removed: removed.map(itemOf),
    gone: plan.gone.map(({ repository, certain }) => ({ repository, certain })),
    organizationMirror: fit,
    warnings,
  };
}

function itemOf({ plan, done, error }: MirrorOutcome): object {
  return {
    repository: plan.repository,
    situation: plan.situation,
    ...(plan.state !== undefined && { state: plan.state }),
    changes: done.map(changeOf),
    ...(error && { error: { code: error.code, message: error.message, serverSaid: error.serverSaid } }),
  };
}

function changeOf({ action, object, reason }: MirrorOutcome['done'][number]): object {
  return { action, object, reason };
}
