/** Carries out one group: keeps what is to be kept, copies, and says what became of each of its parts. */
import type { StageConfig } from '../../config/types.ts';
import type { Digest } from '../../oci/digest.ts';
import type { TranshipError } from '../../oci/errors.ts';
import type { TagName } from '../../oci/names.ts';
import { parsePlatform } from '../../oci/platform.ts';
import type { CallOptions, ContentWriter } from '../../oci/ports.ts';
import type { EventListener } from '../../report/events.ts';
import type { CopyDestination, CopyOptions, CopyOutcome } from '../copy.ts';
import { copyImage } from '../copy-image.ts';
import { failureOf, sideOf } from '../failure.ts';
import type { Ledger } from '../ledger.ts';
import { choiceOf, type FilteredIndexes } from './filtered.ts';
import { type CopyGroup, type GroupPart, listsReferrers } from './groups.ts';
import type { SyncWorld } from './world.ts';

export interface GroupContext {
  readonly stage: StageConfig;
  readonly world: SyncWorld;
  readonly ledger: Ledger;
  readonly filtered?: FilteredIndexes | undefined;
  readonly emit: EventListener;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly dryRun: boolean;
  /** What fails for a reason that passes is tried again, by itself. */
  readonly leavesBehind: boolean;
}

export interface PartOutcome {
  readonly part: GroupPart;
  readonly outcome: CopyOutcome;
}

/** Never rejects for what happens at a source or destination: the outcomes tell. */
export async function copyGroup(group: CopyGroup, context: GroupContext): Promise<readonly PartOutcome[]> {
  const prepared = await Promise.all(group.parts.map((part) => prepare(part, context)));
  const ready = prepared.flatMap(({ part, error }) => (error === undefined ? [part] : []));
  const failed = prepared.flatMap(({ part, error }): PartOutcome[] =>
    error === undefined ? [] : [{ part, outcome: { ok: false, id: idOf(part), error } }],
  );
  if (ready.length === 0) return failed;
  const [first] = ready;
  if (first === undefined) return failed;
  const { outcomes } = await copyImage({
    id: idOf(first),
    source: context.world.source(context.stage.from.registry, first.work.repository).place,
    reference: group.digest,
    destinations: ready.map((part) => destinationOf(part, context)),
    options: optionsOf(context, ready),
    ledger: context.ledger,
    leavesBehind: context.leavesBehind,
    emit: (event) => context.emit(event.type === 'copy-started' ? { ...event, stage: context.stage.id } : event),
    now: context.now,
    signal: context.signal,
  });
  noteFiltered(group, outcomes, context);
  return [...failed, ...ready.map((part, index) => ({ part, outcome: required(outcomes[index]) }))];
}

/** What the index became where its platforms were chosen saves the next run from reading it to compare. */
function noteFiltered({ digest }: CopyGroup, outcomes: readonly CopyOutcome[], context: GroupContext): void {
  for (const outcome of outcomes)
    if (outcome.ok && outcome.digest !== digest)
      context.filtered?.note(digest, choiceOf(context.stage), outcome.digest);
}

/** Names a part in events: `registry.example.com/apps/api:v1 → standby.example.com/apps/api:v1`. */
function idOf({ work, item }: GroupPart): string {
  const { source, destination } = work.plan;
  return `${source.location}:${item.tag} → ${destination.location}:${item.target}`;
}

function placeOf({ work }: GroupPart, { world }: GroupContext): ContentWriter {
  return world.destination(work.destination.config.registry, work.target).place;
}

/** Before a tag is moved, what it names is given the name under which it stays reachable. */
async function prepare(
  part: GroupPart,
  context: GroupContext,
): Promise<{ readonly part: GroupPart; readonly error?: TranshipError }> {
  const under = keptUnder(part, context);
  if (under === undefined || part.item.action !== 'update' || context.dryRun) return { part };
  try {
    await retag(placeOf(part, context), part.item.previous, under, context);
    return { part };
  } catch (error) {
    const failure = sideOf(error, 'destination', part.work.plan.destination.location);
    const { source, destination } = part.work.plan;
    const copy = idOf(part);
    context.emit({
      type: 'copy-started',
      at: context.now(),
      copy,
      stage: context.stage.id,
      source: `${source.location}:${part.item.tag}`,
      destination: `${destination.location}:${part.item.target}`,
    });
    context.emit({ type: 'copy-failed', at: context.now(), copy, error: failureOf(failure) });
    return { part, error: failure };
  }
}

function keptUnder({ work, item }: GroupPart, { stage, now }: GroupContext): TagName | undefined {
  const kept = work.keepBoth.get(item.target);
  if (kept !== undefined) return kept;
  if (stage.backupTag === undefined || item.action !== 'update') return undefined;
  const date = new Date(now()).toISOString().slice(0, 10).replaceAll('-', '');
  const digits = item.previous.slice(item.previous.indexOf(':') + 1).slice(0, 12);
  const text = stage.backupTag
    .replaceAll('{tag}', item.target)
    .replaceAll('{date}', date)
    .replaceAll('{digest}', digits);
  return text.slice(0, 128) as TagName;
}

async function retag(
  place: ContentWriter,
  digest: GroupPart['item']['digest'],
  tag: TagName,
  options: CallOptions,
): Promise<void> {
  const manifest = await place.fetchManifest(digest, options);
  await place.pushManifest(manifest, [tag], options);
}

function destinationOf(part: GroupPart, context: GroupContext): CopyDestination {
  const { item } = part;
  const place = placeOf(part, context);
  const listed = part.work.destinationTags;
  const hasTags = listed === undefined ? undefined : listed.size > 0;
  if (listsReferrers(item.tag)) return { id: idOf(part), place, tags: [], hasTags };
  return { id: idOf(part), place, tags: [item.target], observed: observedAt(item), hasTags };
}

function observedAt(item: GroupPart['item']): Digest | null {
  if (item.action === 'update') return item.previous;
  return item.action === 'same' ? (item.there ?? item.digest) : null;
}

function optionsOf({ stage, dryRun }: GroupContext, parts: readonly GroupPart[]): CopyOptions {
  const sourceTags = parts[0]?.work.source?.tags;
  return {
    referrers: referrersOf(stage, parts),
    ...(stage.platforms !== 'all' && { platforms: stage.platforms.map(parsePlatform) }),
    ...(stage.foreignLayers === 'copy' && { foreignLayers: true }),
    ...(dryRun && { dryRun: true }),
    ...(sourceTags && { sourceTags }),
  };
}

function referrersOf(stage: StageConfig, parts: readonly GroupPart[]): NonNullable<CopyOptions['referrers']> {
  if (stage.referrers === 'never') return 'never';
  return stage.referrers === 'always' || parts.some(({ item }) => listsReferrers(item.tag)) ? 'always' : 'changed';
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a destination without an outcome');
  return value;
}
