/** Keeps Quays equal: first the objects that images need, then the images, then the marks that Quay keeps beside them. */
import type { NamePattern } from '../../config/types.ts';
import { exitCodeOf, exitPartly } from '../../oci/exit-code.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { ChangeResult } from '../../quay/declared/run.ts';
import type { DivergencePolicy } from '../../quay/pair/divergence.ts';
import { type Inventory, inventoryOf } from '../../quay/pair/inventory.ts';
import { type Companion, companions } from '../../quay/pair/objects.ts';
import { openQuayRecord, type QuayRecord } from '../../state/quay-record.ts';
import { carryOut, type SyncInput, type SyncOutcome, type SyncSession } from '../sync.ts';
import { requireOwnName, requireWritable } from './connect.ts';
import type { OpenSide, QuayPair } from './pair.ts';
import type { PairNotes } from './pair-judge.ts';
import { carryMarks, type MarkResult } from './pair-marks.ts';
import { carryOutObjects, isFailure, planPairObjects, type SideObjects } from './pair-objects.ts';
import { isSelected, onlyThere, selectForPair } from './pair-select.ts';
import { type PairWorksOptions, pairWorks } from './pair-works.ts';
import { openPairWorld, type PairWorld } from './pair-world.ts';

export interface PairSyncInput
  extends CallOptions,
    Pick<SyncInput, 'failFast' | 'jobs' | 'stateFolder' | 'lockTimeoutMs'> {
  /** By name; absent: everything that the source's token sees, by the patterns. */
  readonly list?: ReadonlyMap<RepositoryName, ReadonlySet<string> | undefined> | undefined;
  readonly include?: readonly NamePattern[];
  readonly exclude?: readonly NamePattern[];
  readonly companions?: ReadonlySet<Companion>;
  /** Leave visibility and description of repositories that exist as they are. */
  readonly keepSettings?: boolean | undefined;
  /** Default `refuse`. */
  readonly policy?: DivergencePolicy | undefined;
  readonly cacheFolder?: string | undefined;
  /** Write nothing. */
  readonly dryRun?: boolean;
  /** Nothing is meant to be written ever, so that it does not matter what tokens and logins may write. With `dryRun`. */
  readonly onlyCompare?: boolean;
  /** Remove what has been gone from the source for so long, under the caps of every removal. */
  readonly prune?: { readonly afterMs: number };
  /** Fewer repositories than this are a failure. Default 1: an empty source is rather a mistake than a wish. */
  readonly atLeast?: number;
  /** Told of each object once it was made, or was not. */
  readonly onObject?: (side: OpenSide, result: ChangeResult) => void;
  /** Told what was found, before anything is written. */
  readonly onFound?: (found: PairFound) => void;
}

export interface PairFound {
  /** The repositories that the run is about. */
  readonly repositories: readonly RepositoryName[];
  readonly namespaces: readonly string[];
  readonly objects: readonly SideObjects[];
}

export interface PairOutcome extends SyncOutcome {
  readonly found: PairFound;
  readonly objects: readonly { readonly side: OpenSide; readonly result: ChangeResult }[];
  readonly notes: PairNotes;
  /** Repositories that only the destinations have, by `host/name`. */
  readonly onlyThere: readonly string[];
  readonly marks: readonly MarkResult[];
  /** Tags that someone else had set and that were left alone. */
  readonly refused: number;
  readonly exitCode: number;
}

/**
 * Throws before anything is written for what makes the whole run pointless: a token that may not read, or not make what is
 * missing; a destination that takes no writes. What happens to single tags and objects stands in the outcome.
 */
export async function syncPair(pair: QuayPair, input: PairSyncInput): Promise<PairOutcome> {
  const { signal, dryRun = false } = input;
  if (input.onlyCompare !== true) for (const side of [pair.source, ...pair.destinations]) requireOwnName(side);
  const selected = await selectForPair(pair, input);
  const there = await inventories(pair, selected.namespaces, { signal });
  const thereOf = (side: OpenSide): Inventory => there.get(side.name) ?? new Map();
  await requireReadable(pair.source, [...selected.wanted.keys()][0], { signal });
  const planned = await planPairObjects(pair, { ...input, ...selected, thereOf });
  const found: PairFound = { ...selected, objects: planned };
  input.onFound?.(found);
  if (!dryRun) for (const { connection } of pair.destinations) requireWritable(connection);
  const objects = dryRun ? [] : await carryOutObjects(planned, input);
  const isMade = madeOf(objects);
  const lacks = (side: OpenSide, repository: string) =>
    !thereOf(side).has(repository) && !isMade(side, repository) && isSelected(selected, repository);
  const world = openPairWorld(pair, { lacks, cacheFolder: input.cacheFolder });
  const notes: PairNotes = { gone: new Set(), kept: new Set(), replaced: new Set() };
  const records = await recordsOf(pair, input.stateFolder);
  const finished = finishTimes(pair.sync);
  const outcome = await carryOut(sessionOver(pair, world, input), {
    ...syncInputOf(input),
    works: pairWorks(pair, {
      repositories: selected.repositories,
      tags: (repository) => input.list?.get(repository as RepositoryName),
      policy: input.policy ?? 'refuse',
      recordOf: (side) => records.get(side.name),
      thereOf,
      notes,
      rights: rightsOf(input),
    }),
  });
  finished.stop();
  if (!dryRun) await keepRecords(outcome, records, finished.times);
  const marks = await carryMarks(pair, world, outcome, { dryRun, finished: finished.times, signal });
  const refused = divergedIn(outcome);
  const failures = [...objects.filter(({ result }) => isFailure(result)), ...marks.filter(({ error }) => error)];
  return {
    ...outcome,
    found,
    objects,
    notes,
    onlyThere: onlyThere(pair, selected, thereOf, input),
    marks,
    refused,
    exitCode: exitCodeOfPair(outcome.report.exitCode, refused, failures.length),
  };
}

/** What a run would do, as its outcome. Writes nothing, and needs no right to: `repo:read` on both sides is enough. */
export function comparePair(pair: QuayPair, input: PairSyncInput): Promise<PairOutcome> {
  return syncPair(pair, { ...input, dryRun: true, onlyCompare: true, atLeast: input.atLeast ?? 0 });
}

/** Whether a repository that was missing is there now. */
function madeOf(objects: PairOutcome['objects']): (side: OpenSide, repository: string) => boolean {
  const done = objects.filter(({ result }) => result.outcome === 'done');
  const made = new Set(done.map(({ side, result }) => `${side.name} ${result.change.object}`));
  return (side, repository) => made.has(`${side.name} repository ${repository}`);
}

function rightsOf({ onlyCompare, dryRun }: PairSyncInput): PairWorksOptions['rights'] {
  if (onlyCompare === true) return 'unasked';
  return dryRun === true ? 'by reading' : 'asked';
}

function divergedIn({ plan }: SyncOutcome): number {
  const items = plan.repositories.flatMap((repository) => repository.items);
  return items.filter((item) => item.action === 'blocked' && item.why === 'diverged').length;
}

/** A run that left a tag to someone else ends partly done, whatever else there was. */
function exitCodeOfPair(exitCode: number, refused: number, failures: number): number {
  if (exitCode === exitCodeOf('refused') && refused > 0) return exitPartly;
  return exitCode === 0 && failures > 0 ? exitPartly : exitCode;
}

async function inventories(pair: QuayPair, namespaces: readonly string[], options: CallOptions) {
  const found = await Promise.all(
    pair.destinations.map(
      async (side) => [side.name, await inventoryOf(side.connection.quay, namespaces, options)] as const,
    ),
  );
  return new Map(found);
}

/** A token that sees names and may read nothing is found out with one request instead of one for each repository. */
async function requireReadable(
  { connection: { quay } }: OpenSide,
  repository: string | undefined,
  { signal }: CallOptions,
): Promise<void> {
  if (repository === undefined) return;
  await quay.find('getRepository', { parameters: { repository }, query: { includeTags: false }, signal });
}

function sessionOver(pair: QuayPair, world: PairWorld, { prune }: PairSyncInput): SyncSession {
  const { sync } = pair;
  const stages = sync.intent.config.stages.map((stage) =>
    prune === undefined ? stage : { ...stage, prune: { afterMs: prune.afterMs, max: { percent: 10 }, keep: 5 } },
  );
  return { ...sync, world, intent: { ...sync.intent, config: { ...sync.intent.config, stages } } };
}

function syncInputOf(input: PairSyncInput): SyncInput {
  const { signal, failFast, jobs, stateFolder, lockTimeoutMs, dryRun, onlyCompare } = input;
  return {
    signal,
    ...(failFast !== undefined && { failFast }),
    ...(jobs !== undefined && { jobs }),
    ...(stateFolder !== undefined && { stateFolder }),
    ...(lockTimeoutMs !== undefined && { lockTimeoutMs }),
    ...(dryRun !== undefined && { dryRun }),
    // The listings tell digests and sizes: no manifest is asked for.
    ...(onlyCompare === true && { copies: false }),
  };
}

/** When each copy was done, in milliseconds, by its id. */
function finishTimes(sync: SyncSession) {
  const times = new Map<string, number>();
  const listening = sync.listen((event) => {
    if (event.type === 'copy-finished') times.set(event.copy, event.at);
  });
  return { times, stop: () => listening[Symbol.dispose]() };
}

async function recordsOf(pair: QuayPair, folder: string | undefined): Promise<ReadonlyMap<string, QuayRecord>> {
  if (folder === undefined) return new Map();
  const opened = pair.destinations.map(
    async (side) => [side.name, await openQuayRecord(folder, pair.source.host, side.host)] as const,
  );
  return new Map(await Promise.all(opened));
}

async function keepRecords(
  { plan }: SyncOutcome,
  records: ReadonlyMap<string, QuayRecord>,
  times: ReadonlyMap<string, number>,
): Promise<void> {
  for (const { source, destination, items } of plan.repositories) {
    for (const item of items) {
      if (item.action !== 'copy' && item.action !== 'update') continue;
      const at = times.get(`${source.location}:${item.tag} → ${destination.location}:${item.target}`);
      if (at === undefined) continue;
      const written = { digest: item.digest, at: Math.ceil(at / 1000) };
      records.get(destination.registry)?.note(destination.repository, item.target, written);
    }
  }
  for (const record of records.values()) await record.save();
}

export { type Companion, companions };
