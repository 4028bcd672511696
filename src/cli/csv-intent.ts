import { CsvError } from '../compat/csv.ts';
import { configOf } from '../compat/foreign.ts';
import { type CsvRepository, readTagsCsv } from '../compat/registry-sync/targets.ts';
import { longestCsv, textOf } from '../compose/foreign.ts';
import type { Pins } from '../compose/pinned-world.ts';
import type { Intent } from '../compose/sync-world.ts';
import { TranshipError } from '../oci/errors.ts';
import { parseRegistryAddress, type RegistryAddress } from '../oci/reference.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './options.ts';

/** What `--from tags.csv --to HOST[/NAMESPACE]` asks for: the tags of the file, each by the digest that it had then. */
export async function csvIntent({ options }: CommandContext): Promise<{ intent: Intent; pins: Pins } | undefined> {
  const path = options.text('from');
  if (path === undefined) return undefined;
  if (options.text('config') !== undefined) throw usageError('--from and --config contradict each other.');
  const to = options.text('to');
  if (to === undefined) throw usageError('--from needs a destination.', 'Say where it goes: --to HOST[/NAMESPACE].');
  const target = parseRegistryAddress(to);
  const { namespace } = target;
  const rows = await readRows(path);
  const from = (row: CsvRepository): RegistryAddress => sourceOf(row, options.text('source'));
  const source = (row: CsvRepository): string => `from-${from(row).host.replaceAll(':', '-')}`;
  const registries = Object.fromEntries(rows.map((row) => [source(row), { url: urlOf(from(row)) }]));
  const stages = rows.map((row) => ({
    from: { registry: source(row), repository: row.repository },
    tags: [...row.tags.keys()],
    to: [{ registry: 'to', repository: namespace === undefined ? row.repository : `${namespace}/${row.repository}` }],
  }));
  const config = configOf({ version: 1, registries: { ...registries, to: { url: urlOf(target) } }, stages }, path);
  return {
    // Not a file that could be given to -c again.
    intent: { config, file: `${path} → ${to}` },
    pins: new Map(rows.map((row) => [`${source(row)}/${row.repository}`, row.tags])),
  };
}

function urlOf({ host, scheme }: RegistryAddress): string {
  return scheme === 'http' ? `http://${host}` : host;
}

function sourceOf({ registry, repository }: CsvRepository, stated: string | undefined): RegistryAddress {
  if (stated !== undefined) return parseRegistryAddress(stated);
  if (registry !== '') return parseRegistryAddress(registry);
  throw usageError(`The file does not say in which registry ${repository} is.`, 'Say it with --source HOST.');
}

async function readRows(path: string): Promise<readonly CsvRepository[]> {
  const text = await textOf(path, longestCsv);
  try {
    const rows = text === undefined ? [] : readTagsCsv(text, undefined, { strict: true });
    if (rows.length > 0) return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unusable(path, `${error.message}.`);
  }
  throw unusable(path, text === undefined ? 'it cannot be read.' : 'it names no tag.');
}

function unusable(path: string, why: string): TranshipError {
  return new TranshipError('E_CSV', 'usage', `The file of tags cannot be used: ${why}`, {
    subject: path,
    hint: '`tranship crawl REGISTRY > tags.csv` writes one.',
  });
}
