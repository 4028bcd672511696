import { csvLine, repositoryColumns, tagColumns } from '../../compat/csv.ts';
import type { CrawlArguments } from '../../compat/registry-sync/arguments.ts';
import { type CrawlFilter, crawlFilter, splitName } from '../../compat/registry-sync/crawl.ts';
import { openSync, type SyncSession } from '../../compose/sync.ts';
import type { Config } from '../../config/types.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import { listTags } from '../../plan/observe.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed } from '../exit-codes.ts';
import { sessionOptions } from '../session.ts';
import { azureHost, type Login, loginOf, Refusal, wordsOf, writeWhole } from './registry-sync-common.ts';

/** `crawl`: repositories and tags of an Azure registry, in its own order, into two CSV files. */
export async function runCrawl(wishes: CrawlArguments, context: CommandContext): Promise<number> {
  const { runtime, signal } = context;
  const say = sayer(context);
  const login = loginOf('SOURCE', context);
  if ('missing' in login && wishes.registryName === undefined) throw unset(login.missing);
  if (wishes.repository !== '' && wishes.repositoryRegex !== '')
    throw new Refusal('Only one of --repository or --repository-regex can be set.');
  const host = azureHost(wishes.registryName, 'registry name', context);
  const filter = crawlFilter(wishes, runtime.now());
  await using sync = await openAzure(host, login, context);
  const repositories: RepositoryName[] = [];
  try {
    for await (const name of sync.world.repositories('source', undefined, { signal }))
      if (filter.takesRepository(name) && (await isWanted(name, wishes, sync, context))) repositories.push(name);
  } catch (error) {
    signal.throwIfAborted();
    say.error(`Error fetching repositories: ${wordsOf(error)}`);
    return exitFailed;
  }
  await writeWhole(wishes.workdir, 'repositories.csv', repositoriesCsv(repositories), context);
  if (repositories.length === 0) {
    say.error('No repositories found.');
    return exitFailed;
  }
  say.info(`Found ${repositories.length} repositories.`);
  return await crawlTags(repositories, filter, wishes, sync, context);
}

async function crawlTags(
  repositories: readonly RepositoryName[],
  filter: CrawlFilter,
  wishes: CrawlArguments,
  sync: SyncSession,
  context: CommandContext,
): Promise<number> {
  const say = sayer(context);
  const lines = [csvLine(tagColumns)];
  let failed = 0;
  for (const repository of repositories) {
    say.info(`Repository ${repository}`);
    try {
      const rows = await rowsOf(repository, filter, sync, context);
      lines.push(...rows);
      say.info(`Repository ${repository}: ${rows.length} tags`);
    } catch (error) {
      context.signal.throwIfAborted();
      failed += 1;
      const what = isTranshipError(error) ? 'fetching tags for repository' : 'processing tags for repository';
      say.error(`Error ${what} '${repository}': ${wordsOf(error)}`);
    }
  }
  if (failed > 0) {
    say.error(`${failed} repositories could not be read, so tags.csv was not written anew.`);
    return exitFailed;
  }
  await writeWhole(wishes.workdir, 'tags.csv', lines.join(''), context);
  say.info(`Found ${lines.length - 1} tags in total.`);
  return exitDone;
}

async function rowsOf(
  repository: RepositoryName,
  filter: CrawlFilter,
  sync: SyncSession,
  context: CommandContext,
): Promise<readonly string[]> {
  const { namespace, name } = splitName(repository);
  const tags = await listTags(sync.world.source('source', repository), { signal: context.signal });
  return tags
    .filter((tag) => filter.takesTag(tag))
    .map(({ tag, createdAt, updatedAt, digest }) => {
      sayer(context).info(`Repository ${repository}: saving tag ${tag} for syncing`);
      return csvLine([namespace, name, tag, createdAt, updatedAt, digest]);
    });
}

function repositoriesCsv(repositories: readonly string[]): string {
  const lines = repositories.map((repository) => {
    const { namespace, name } = splitName(repository);
    return csvLine([namespace, name]);
  });
  return [csvLine(repositoryColumns), ...lines].join('');
}

/** With `--skip-private true`, only what can be read without a login. */
async function isWanted(
  repository: RepositoryName,
  { skipPrivate }: CrawlArguments,
  sync: SyncSession,
  { signal }: CommandContext,
): Promise<boolean> {
  if (!skipPrivate) return true;
  try {
    for await (const _ of sync.world.source('anonymous', repository).place.listTags({ signal })) return true;
    return true;
  } catch (error) {
    if (isTranshipError(error) && error.failure === 'auth') return false;
    throw error;
  }
}

/** Opens the registry by the variables, else by the docker login file, where `az acr login` leaves its token. */
export async function openAzure(
  host: string,
  login: Login | { readonly missing: string },
  context: CommandContext,
): Promise<SyncSession> {
  const source = { host, plainHttp: false, kind: 'acr' as const };
  const config: Config = {
    version: 1,
    registries: {
      source: 'missing' in login ? source : { ...source, credentials: login },
      anonymous: { ...source, credentials: 'anonymous' },
    },
    stages: [],
  };
  const sync = await openSync({ config, file: 'registry-sync' }, sessionOptions(context, sayer(context).warnings));
  if (!('missing' in login)) return sync;
  const found = await sync.session.credentialsOf({ host }).find(host, undefined, { signal: context.signal });
  if (found !== undefined) return sync;
  await sync[Symbol.asyncDispose]();
  throw unset(login.missing);
}

export function unset(name: string): Refusal {
  return new Refusal(`${name} environment variable must be set.`);
}

function sayer({ io }: CommandContext) {
  return {
    info: (text: string) => io.error(`INFO:__main__:${text}`),
    error: (text: string) => io.error(`ERROR:__main__:${text}`),
    warnings: (event: { readonly type: string; readonly message?: string }) => {
      if (event.type === 'warning') io.error(`WARNING:__main__:${event.message ?? ''}`);
    },
  };
}
