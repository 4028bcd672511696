/** The command lines of all generations of run-reposync, taken together. */
export interface ReposyncArguments {
  /** Absent: the usual places. */
  readonly file?: string;
  /** `-c FILE` (and no file at all) is how the older ones were called; the newer take the file by itself. */
  readonly generation: '0.x' | '1.x';
  readonly verifyOnly: boolean;
  readonly jobs: number;
  readonly explicitTags: boolean;
  readonly debug: boolean;
  readonly exitOnFirstError: boolean;
  readonly tracebacksFile?: string;
}

export type ReposyncCommandLine =
  | { readonly kind: 'run'; readonly arguments: ReposyncArguments }
  | { readonly kind: 'help'; readonly text: string }
  /** For standard error; exit 2. */
  | { readonly kind: 'wrong'; readonly text: string };

const usualJobs = 100;

const switches = ['verify-only', 'use-explicit-tags', 'debug', 'exit-on-first-error'] as const;
const valued = ['configfile', 'parallel-sync-tasks', 'tracebacks-file'] as const;
const asking = ['help', 'install-completion', 'show-completion'] as const;
const names: readonly string[] = [
  ...switches,
  ...valued,
  ...asking,
  'no-verify-only',
  'no-use-explicit-tags',
  'no-debug',
];

export function readReposyncArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReposyncCommandLine {
  const files: string[] = [];
  const on = new Set<string>();
  const values = new Map<string, string>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') files.push(...rest.splice(0));
    else if (!word.startsWith('-') || word === '-') files.push(word);
    else {
      const [name, given] = readWord(word);
      if (typeof name !== 'string') return wrong(name.problem);
      if ((asking as readonly string[]).includes(name)) return { kind: 'help', text: helpText };
      if (!(valued as readonly string[]).includes(name)) {
        if (given !== undefined) return wrong(`Option '--${name}' does not take a value.`);
        if (name.startsWith('no-')) on.delete(name.slice('no-'.length));
        else on.add(name);
        continue;
      }
      const value = given ?? rest.shift();
      if (value === undefined) return wrong(`Option '--${name}' requires an argument.`);
      values.set(name, value);
    }
  }
  if (files.length > 1) return wrong(`Got unexpected extra argument (${files[1]})`);
  const jobs = Number(values.get('parallel-sync-tasks') ?? usualJobs);
  if (!Number.isSafeInteger(jobs) || jobs < 1)
    return wrong(
      `Invalid value for '--parallel-sync-tasks': ${values.get('parallel-sync-tasks')} is not a number above 0.`,
    );
  const file = files[0] ?? values.get('configfile');
  const tracebacksFile = values.get('tracebacks-file');
  return {
    kind: 'run',
    arguments: {
      ...(file !== undefined && { file }),
      generation: files.length > 0 ? '1.x' : '0.x',
      verifyOnly: on.has('verify-only'),
      jobs,
      explicitTags: on.has('use-explicit-tags'),
      debug: on.has('debug'),
      exitOnFirstError: on.has('exit-on-first-error') || (env['SYNC_EXIT_ON_FIRST_ERROR'] ?? '') !== '',
      ...(tracebacksFile !== undefined && { tracebacksFile }),
    },
  };
}

/** The option that a word names, and the value that stands behind `=` or, for `-cFILE`, right behind it. */
function readWord(word: string): readonly [string | { readonly problem: string }, string | undefined] {
  if (word === '-h') return ['help', undefined];
  if (word.startsWith('-c')) return ['configfile', word.length > 2 ? word.slice(2).replace(/^=/, '') : undefined];
  const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (names.includes(name)) return [name, value];
  const fitting = name === '' ? [] : names.filter((known) => known.startsWith(name));
  const [only] = fitting;
  if (fitting.length === 1 && only !== undefined) return [only, value];
  const problem =
    fitting.length > 1
      ? `ambiguous option: --${name} could match ${fitting.map((known) => `--${known}`).join(', ')}`
      : `No such option: ${word.split('=')[0]}`;
  return [{ problem }, undefined];
}

function wrong(message: string): ReposyncCommandLine {
  return { kind: 'wrong', text: `${usage}\n\nError: ${message}\n` };
}

const usage = 'Usage: run-reposync [OPTIONS] [CONFIG_FILE]';

const helpText = `${usage}

  Copies images between registries, stage by stage, as a configuration says.

Options:
  CONFIG_FILE                    The configuration; also as -c FILE. Without it
                                 sync-cfg.yaml here, else /etc/cfg.yaml.
  -c, --configfile FILE          The same, as the older versions have it.
  --verify-only                  Check the configuration and end.
  --parallel-sync-tasks N        Tasks at the same time at most. [default: ${usualJobs}]
  --use-explicit-tags            An empty list of tags means none, not all.
  --tracebacks-file FILE         Where the errors of failed tasks are written.
  --exit-on-first-error          Begin nothing more once a task failed (also by
                                 SYNC_EXIT_ON_FIRST_ERROR).
  --debug                        Say more.
  --help                         Show this help.
`;
