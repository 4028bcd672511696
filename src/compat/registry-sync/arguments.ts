/** The command lines of registry-sync: words as they are, no beginnings of them. */
export type RegistrySyncCommandLine =
  | { readonly kind: 'crawl'; readonly options: CrawlArguments }
  | { readonly kind: 'sync'; readonly options: SyncArguments }
  | { readonly kind: 'help'; readonly text: string }
  /** For standard error; exit 2. */
  | { readonly kind: 'wrong'; readonly text: string };

export interface CrawlArguments {
  readonly registryName: string | undefined;
  readonly namespace: string;
  readonly repository: string;
  readonly repositoryRegex: string;
  /** Only where it was given: it did nothing in the original. */
  readonly skipPrivate: boolean;
  readonly tagRegex: string;
  readonly minAgeDays: number | undefined;
  readonly maxAgeDays: number | undefined;
  readonly workdir: string;
}

export interface SyncArguments {
  readonly registryName: string | undefined;
  /** Only rows of this namespace; absent = all. */
  readonly namespace: string | undefined;
  readonly target: string;
  readonly targetNamespace: string;
  readonly workdir: string;
  /** Names below the namespace collapse to their last part, as the original has it. */
  readonly flatNames: boolean;
  /** Copies what the CSV says by digest, also where the tag has moved since. */
  readonly pinned: boolean;
}

const usualNamespace = 'giantswarm';

const crawlFlags = [
  ...['registry-name', 'namespace', 'repository', 'repository-regex', 'skip-private', 'tag-regex'],
  ...['tag-min-age', 'tag-max-age', 'workdir'],
];
const syncFlags = [
  ...['source-registry-name', 'namespace', 'target-registry', 'target-registry-name', 'target-namespace', 'workdir'],
];
const syncSwitches = ['flat-names', 'pinned'];

export function readRegistrySyncArguments([command, ...argv]: readonly string[]): RegistrySyncCommandLine {
  if (command === '--help') return { kind: 'help', text: rootHelp };
  if (command === undefined) return { kind: 'wrong', text: rootHelp };
  if (command !== 'crawl' && command !== 'sync') return wrong('', `No such command '${command}'.`);
  const read = command === 'crawl' ? readFlags(argv, crawlFlags, []) : readFlags(argv, syncFlags, syncSwitches);
  if (read === 'help') return { kind: 'help', text: command === 'crawl' ? crawlHelp : syncHelp };
  if (typeof read === 'string') return wrong(command, read);
  return command === 'crawl' ? crawlOf(read) : syncOf(read);
}

function crawlOf(values: ReadonlyMap<string, string>): RegistrySyncCommandLine {
  const skipPrivate = values.get('skip-private');
  if (skipPrivate !== undefined && !/^(?:true|false|1|0|yes|no|on|off|t|f|y|n)$/i.test(skipPrivate))
    return wrong('crawl', `Invalid value for '--skip-private': '${skipPrivate}' is not a valid boolean.`);
  for (const name of ['tag-min-age', 'tag-max-age']) {
    const days = values.get(name) ?? '';
    if (days !== '' && !/^\d{1,6}$/.test(days))
      return wrong('crawl', `Invalid value for '--${name}': '${days}' is not a number of days.`);
  }
  return {
    kind: 'crawl',
    options: {
      registryName: values.get('registry-name'),
      namespace: values.get('namespace') ?? usualNamespace,
      repository: values.get('repository') ?? '',
      repositoryRegex: values.get('repository-regex') ?? '',
      skipPrivate: skipPrivate !== undefined && /^(?:true|1|yes|on|t|y)$/i.test(skipPrivate),
      tagRegex: values.get('tag-regex') ?? '',
      minAgeDays: daysOf(values.get('tag-min-age')),
      maxAgeDays: daysOf(values.get('tag-max-age')),
      workdir: values.get('workdir') ?? '.',
    },
  };
}

function syncOf(values: ReadonlyMap<string, string>): RegistrySyncCommandLine {
  return {
    kind: 'sync',
    options: {
      registryName: values.get('source-registry-name'),
      namespace: values.get('namespace'),
      target: values.get('target-registry') ?? values.get('target-registry-name') ?? 'docker.io',
      targetNamespace: values.get('target-namespace') ?? usualNamespace,
      workdir: values.get('workdir') ?? '.',
      flatNames: values.has('flat-names'),
      pinned: values.has('pinned'),
    },
  };
}

/** The values by name; or `help`; or what is wrong. */
function readFlags(
  argv: readonly string[],
  flags: readonly string[],
  switches: readonly string[],
): ReadonlyMap<string, string> | string {
  const values = new Map<string, string>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = '', given] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === 'help') return 'help';
    if (name === '')
      return word.startsWith('-') ? `No such option: ${word}` : `Got unexpected extra argument (${word})`;
    if (switches.includes(name)) values.set(name, '');
    else if (!flags.includes(name)) return `No such option: --${name}`;
    else {
      const value = given ?? rest.shift();
      if (value === undefined) return `Option '--${name}' requires an argument.`;
      values.set(name, value);
    }
  }
  return values;
}

function daysOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}

function wrong(command: string, message: string): RegistrySyncCommandLine {
  const name = command === '' ? 'registry-sync' : `registry-sync ${command}`;
  return { kind: 'wrong', text: `Usage: ${name} [OPTIONS]\nTry '${name} --help' for help.\n\nError: ${message}\n` };
}

const rootHelp = `Usage: registry-sync [OPTIONS] COMMAND [ARGS]...

Commands:
  crawl  Write the repositories and tags of an Azure registry to CSV files.
  sync   Copy the images that tags.csv names to another registry.
`;

const crawlHelp = `Usage: registry-sync crawl [OPTIONS]

Options:
  --registry-name NAME      Azure registry, without .azurecr.io.
  --namespace NAMESPACE     First part of the name; empty = all. [default: ${usualNamespace}]
  --repository NAME         Only this one, without the namespace.
  --repository-regex REGEX  Only those that begin like this.
  --skip-private BOOLEAN    Leave out what cannot be read without a login.
  --tag-regex REGEX         Only tags that begin like this.
  --tag-min-age DAYS        Only tags that are at least so old.
  --tag-max-age DAYS        Only tags that are at most so old.
  --workdir FOLDER          Where the CSV files go. [default: .]
  --help                    Show this help.
`;

const syncHelp = `Usage: registry-sync sync [OPTIONS]

Options:
  --source-registry-name NAME   Azure registry, without .azurecr.io.
  --namespace NAMESPACE         Only what tags.csv has of this namespace.
  --target-registry HOST        Also --target-registry-name. [default: docker.io]
  --target-namespace NAMESPACE  [default: ${usualNamespace}]
  --workdir FOLDER              Where tags.csv is. [default: .]
  --flat-names                  Name deeper repositories by their last part alone.
  --pinned                      Copy by the digests of tags.csv, wherever the tags are now.
  --help                        Show this help.
`;
