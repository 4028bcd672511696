import { resolve } from 'node:path';
import { CsvError } from '../../compat/csv.ts';
import { configOf } from '../../compat/foreign.ts';
import type { SyncArguments } from '../../compat/registry-sync/arguments.ts';
import { syncYaml } from '../../compat/registry-sync/sync-yaml.ts';
import { type CsvRepository, collisions, readTagsCsv, stagesOf } from '../../compat/registry-sync/targets.ts';
import { longestCsv, textOf } from '../../compose/foreign.ts';
import { pinnedWorld } from '../../compose/pinned-world.ts';
import { carryOut, openSync } from '../../compose/sync.ts';
import { isTranshipError } from '../../oci/errors.ts';
import { parseRegistryAddress } from '../../oci/reference.ts';
import type { Event } from '../../report/events.ts';
import type { Report } from '../../report/report.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed } from '../exit-codes.ts';
import { sessionOptions } from '../session.ts';
import { azureHost, type Login, loginOf, Refusal, writeWhole } from './registry-sync-common.ts';
import { openAzure, unset } from './registry-sync-crawl.ts';

/** `sync`: copies what `tags.csv` names, complete and digest-exact. */
export async function runCsvSync(wishes: SyncArguments, context: CommandContext): Promise<number> {
  const { io, signal } = context;
  const [from, to] = [loginOf('SOURCE', context), loginOf('TARGET', context)];
  if ('missing' in from && wishes.registryName === undefined) throw unset(from.missing);
  const source = azureHost(wishes.registryName, 'source registry name', context);
  await requireLogins(source, from, to, wishes, context);
  const repositories = await readRows(wishes, context);
  await writeWhole(wishes.workdir, 'sync.yaml', syncYaml(source, imagesOf(repositories)), context);
  if (repositories.length === 0) {
    io.error('tags.csv names nothing to copy.');
    return exitDone;
  }
  const config = configOf(
    {
      version: 1,
      registries: {
        source: { url: source, kind: 'acr', ...(!('missing' in from) && { credentials: from }) },
        target: { url: wishes.target, ...(!('missing' in to) && { credentials: to }) },
      },
      stages: stagesOf(repositories, wishes.targetNamespace, wishes.flatNames),
    },
    'tags.csv',
  );
  const listen = listener(repositories, wishes, context);
  await using sync = await openSync({ config, file: 'tags.csv' }, sessionOptions(context, listen));
  const pins = new Map(repositories.map(({ repository, tags }) => [`source/${repository}`, tags]));
  const world = wishes.pinned ? pinnedWorld(sync.world, pins) : sync.world;
  const { report } = await carryOut({ ...sync, world }, { signal });
  return summary(report, context);
}

/** Variables are asked for in this order, and before everything else; the docker login file stands in for each pair. */
async function requireLogins(
  source: string,
  from: Login | { readonly missing: string },
  to: Login | { readonly missing: string },
  { target }: SyncArguments,
  context: CommandContext,
): Promise<void> {
  if ('missing' in from) await closed(openAzure(source, from, context));
  if (!('missing' in to)) return;
  let host: string;
  try {
    ({ host } = parseRegistryAddress(target));
  } catch (error) {
    if (isTranshipError(error)) throw unset(to.missing);
    throw error;
  }
  const registries = { target: { host, plainHttp: false } };
  await using sync = await openSync(
    { config: { version: 1, registries, stages: [] }, file: 'registry-sync' },
    sessionOptions(context, () => {}),
  );
  const found = await sync.session.credentialsOf({ host }).find(host, undefined, { signal: context.signal });
  if (found === undefined) throw unset(to.missing);
}

async function closed(opened: Promise<AsyncDisposable>): Promise<void> {
  await (await opened)[Symbol.asyncDispose]();
}

async function readRows(wishes: SyncArguments, { runtime }: CommandContext): Promise<readonly CsvRepository[]> {
  const path = resolve(runtime.cwd, wishes.workdir, 'tags.csv');
  const text = await textOf(path, longestCsv);
  if (text === undefined) throw new Refusal(`${path} cannot be read. Run crawl before.`);
  try {
    const rows = readTagsCsv(text, wishes.namespace);
    const [collision, ...more] = collisions(rows, wishes.targetNamespace, wishes.flatNames);
    if (collision === undefined) return rows;
    throw new Refusal([collision, ...more].join('\n'));
  } catch (error) {
    if (error instanceof CsvError) throw new Refusal(`${path}: ${error.message}.`);
    throw error;
  }
}

function imagesOf(repositories: readonly CsvRepository[]): ReadonlyMap<string, readonly string[]> {
  return new Map(repositories.map(({ repository, tags }) => [repository, [...tags.keys()]]));
}

/** Tells of each image that was copied, and of tags that name something else than when the file was written. */
function listener(repositories: readonly CsvRepository[], { pinned }: SyncArguments, { io }: CommandContext) {
  const digests = new Map(repositories.map(({ repository, tags }) => [repository, tags]));
  return (event: Event): void => {
    if (event.type === 'warning') io.error(event.message);
    if (event.type === 'copy-finished' && event.outcome !== 'same') io.error(`Copied ${event.copy}`);
    if (event.type !== 'repository-planned' || pinned) return;
    const { source, items } = event.plan;
    for (const item of items) {
      if (item.action === 'prune') continue;
      const noted = digests.get(source.repository)?.get(item.tag);
      if (noted !== undefined && noted !== item.digest)
        io.error(
          `${source.location}:${item.tag} has moved since the crawl (${noted} → ${item.digest}); it is copied as it is now.`,
        );
    }
  };
}

function summary({ items, totals }: Report, { io }: CommandContext): number {
  const failures = items.filter(
    ({ outcome }) => outcome === 'failed' || outcome === 'not-reached' || outcome === 'blocked',
  );
  for (const { source, destination, outcome, error } of failures)
    io.error(`${source} → ${destination}: ${error === undefined ? outcome : `${error.message} (${error.code})`}`);
  io.error(`Synced: ${totals.copied + totals.updated} copied, ${totals.same} the same, ${failures.length} failed.`);
  return failures.length > 0 ? exitFailed : exitDone;
}
