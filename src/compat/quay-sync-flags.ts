/** The command line of `quay_sync.py`, and what tranship adds to it. */
import { type ArgparseProgram, type Parsed, parseArguments } from './argparse.ts';

type ArgparseFlag = ArgparseProgram['flags'][number];

const flags: readonly ArgparseFlag[] = [
  { name: '--username', value: 'USERNAME', about: 'Quay Username' },
  { name: '--password', value: 'PASSWORD', about: 'Quay Password' },
  { name: '--config-file', value: 'CONFIG_FILE', required: true, about: 'The full path to the config file' },
  { name: '--skip-tls-verify', about: 'Ignore self signed certs on registries' },
  { name: '--skip-broken-images', about: "Don't stop because of broken image pull/push" },
  { name: '--auto-discovery', about: 'Attempt to auto discover any repositories present in organizations' },
  { name: '--failover', about: 'Failover from primary to secondary' },
];

/** Written in full only: as beginnings of flags they would take some from those that scripts use. */
const added: readonly ArgparseFlag[] = [
  { name: '--destination', value: 'SERVER', about: 'One more destination; its token is in DESTINATION_TOKEN_<n>' },
  { name: '--cache-dir', value: 'DIR', about: 'Keep the images read in OCI layouts here between runs' },
];

const program: ArgparseProgram = { name: 'quay_sync.py', flags };

export type QuaySyncArguments =
  | Exclude<Parsed, { kind: 'values' }>
  | {
      readonly kind: 'values';
      readonly values: ReadonlyMap<string, string | true>;
      readonly destinations: readonly string[];
      readonly cacheFolder: string | undefined;
    };

export function parseQuaySync(argv: readonly string[]): QuaySyncArguments {
  const { rest, taken } = takeAdded(argv);
  const parsed = parseArguments(rest, program);
  if (parsed.kind === 'help') return parseHelp();
  if (parsed.kind === 'wrong') return parsed;
  return { ...parsed, destinations: taken.get('--destination') ?? [], cacheFolder: taken.get('--cache-dir')?.at(-1) };
}

function parseHelp(): QuaySyncArguments {
  const parsed = parseArguments(['--help'], { ...program, flags: [...flags, ...added] });
  if (parsed.kind === 'help') return parsed;
  throw new Error('asking for help was understood as something else');
}

function takeAdded(argv: readonly string[]) {
  const rest: string[] = [];
  const taken = new Map<string, string[]>();
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [name = '', ...after] = word.split('=');
    const value = added.some((flag) => flag.name === name)
      ? after.length > 0
        ? after.join('=')
        : words.shift()
      : undefined;
    if (value === undefined) rest.push(word);
    else taken.set(name, [...(taken.get(name) ?? []), value]);
  }
  return { rest, taken };
}
