import { crawlColumns, csvLine } from '../../compat/csv.ts';
import { splitName } from '../../compat/registry-sync/crawl.ts';
import { openSync, type SyncSession } from '../../compose/sync.ts';
import { failureOf } from '../../execute/failure.ts';
import { countText } from '../../kit/quantity.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { parseRegistryAddress } from '../../oci/reference.ts';
import { listTags, resolveTags } from '../../plan/observe.ts';
import type { Failure } from '../../report/events.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfItems } from '../exit-codes.ts';
import { errorLines } from '../render-error.ts';
import { sessionOptions, warnTo } from '../session.ts';

/** Every repository and tag of registries or namespaces, with digests, and times where they are told. What fails is told and left out. */
export async function run(context: CommandContext): Promise<number> {
  const { args, io, options, signal } = context;
  const isJson = options.text('output') === 'json';
  const all: CrawledTag[] = [];
  const failures: Failure[] = [];
  const failed = (error: unknown): void => {
    signal.throwIfAborted();
    if (!isTranshipError(error) || error.failure === 'usage') throw error;
    failures.push(failureOf(error));
    for (const line of errorLines(error, io.paintNote)) io.error(line);
  };
  if (!isJson) io.answerRaw(csvLine(crawlColumns));
  let [repositories, tags] = [0, 0];
  for (const address of args) {
    const crawling = crawled(address, context, { signal, failed });
    try {
      for await (const found of crawling) {
        repositories += 1;
        tags += found.length;
        if (isJson) all.push(...found);
        else io.answerRaw(found.map(lineOf).join(''));
      }
    } catch (error) {
      failed(error);
    }
  }
  if (isJson)
    io.json({ apiVersion: 'tranship/v1', kind: 'Crawl', tags: all, ...(failures.length > 0 && { failures }) });
  const left = failures.length === 0 ? '' : `, ${countText(failures.length, 'failure')}`;
  io.note(`${countText(repositories, 'repository', 'repositories')}, ${countText(tags, 'tag')}${left}.`);
  return exitCodeOfItems(
    repositories,
    failures.map(({ failure }) => failure),
  );
}

interface CrawlOptions extends CallOptions {
  /** Told of a repository that cannot be listed. The others are. */
  readonly failed: (error: unknown) => void;
}

interface CrawledTag {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
}

async function* crawled(
  address: string,
  context: CommandContext,
  options: CrawlOptions,
): AsyncGenerator<readonly CrawledTag[]> {
  const { host, namespace, scheme } = parseRegistryAddress(address);
  const registries = { [host]: { host, plainHttp: scheme === 'http' } };
  await using sync = await openSync(
    { config: { version: 1, registries, stages: [] }, file: address },
    sessionOptions(context, warnTo(context)),
  );
  const within = namespace === undefined ? undefined : [namespace];
  for await (const repository of sync.world.repositories(host, within, options)) {
    const found = await tagsOf(sync, host, repository, options).catch(options.failed);
    if (found !== undefined) yield found;
  }
}

async function tagsOf(
  { world }: SyncSession,
  registry: string,
  repository: RepositoryName,
  options: CallOptions,
): Promise<readonly CrawledTag[]> {
  const source = world.source(registry, repository);
  const listed = await listTags(source, options);
  const bare = listed.filter(({ digest }) => digest === undefined).map(({ tag }) => tag);
  const asked = await resolveTags(source.place, bare, options);
  return listed.map(({ tag, digest = asked.get(tag), createdAt, updatedAt }) => ({
    registry,
    repository,
    tag,
    digest,
    createdAt,
    updatedAt,
  }));
}

function lineOf({ registry, repository, tag, digest, createdAt, updatedAt }: CrawledTag): string {
  const { namespace, name } = splitName(repository);
  return csvLine([namespace, name, tag, createdAt, updatedAt, digest, registry]);
}
