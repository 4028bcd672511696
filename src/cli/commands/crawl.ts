import { crawlColumns, csvLine } from '../../compat/csv.ts';
import { splitName } from '../../compat/registry-sync/crawl.ts';
import { openSync, type SyncSession } from '../../compose/sync.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { parseRegistryAddress } from '../../oci/reference.ts';
import { listTags, resolveTags } from '../../plan/observe.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { sessionOptions, warnTo } from '../session.ts';

/** Every repository and tag of registries or namespaces, with digests, and times where they are told. */
export async function run(context: CommandContext): Promise<number> {
  const { args, io, options, signal } = context;
  const isJson = options.text('output') === 'json';
  const all: CrawledTag[] = [];
  if (!isJson) io.answerRaw(csvLine(crawlColumns));
  let [repositories, tags] = [0, 0];
  for (const address of args) {
    for await (const found of crawled(address, context, { signal })) {
      repositories += 1;
      tags += found.length;
      if (isJson) all.push(...found);
      else io.answerRaw(found.map(lineOf).join(''));
    }
  }
  if (isJson) io.json({ apiVersion: 'tranship/v1', kind: 'Crawl', tags: all });
  io.note(`${repositories} repositories, ${tags} tags.`);
  return exitDone;
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
  options: CallOptions,
): AsyncGenerator<readonly CrawledTag[]> {
  const { host, namespace, scheme } = parseRegistryAddress(address);
  const registries = { [host]: { host, plainHttp: scheme === 'http' } };
  await using sync = await openSync(
    { config: { version: 1, registries, stages: [] }, file: address },
    sessionOptions(context, warnTo(context)),
  );
  const within = namespace === undefined ? undefined : [namespace];
  for await (const repository of sync.world.repositories(host, within, options))
    yield await tagsOf(sync, host, repository, options);
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
