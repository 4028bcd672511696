import { describe, expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';
import type { CommandSpec } from './spec.ts';
import { commandTable } from './table.ts';

describe('the command line', () => {
  test('arguments and options are read in any order, global ones too', () => {
    expect(read('copy', '-v', 'a:1', '--dry-run', 'b:1', 'c:1', '-v', '--jobs=3')).toMatchObject({
      command: 'copy',
      args: ['a:1', 'b:1', 'c:1'],
      dryRun: true,
      verbose: 2,
      jobs: 3,
    });
  });

  test('what is not said has its default', () => {
    expect(read('copy', 'a', 'b')).toMatchObject({ dryRun: false, referrers: true, output: 'text', jobs: undefined });
  });

  test('--no-… switches off what is on', () => {
    expect(read('copy', 'a', 'b', '--no-referrers')).toMatchObject({ referrers: false });
  });

  test('--version is the command of that name, alone only', () => {
    expect(read('--version')).toMatchObject({ command: 'version' });
    expect(readCommandLine(['copy', '--version'], commandTable, {})).toMatchObject({ kind: 'wrong' });
  });

  test('after -- everything is an argument', () => {
    expect(read('copy', 'a', '--', '--dry-run')).toMatchObject({ args: ['a', '--dry-run'], dryRun: false });
  });

  test('a repeated option becomes a list', () => {
    expect(read('copy', 'a', 'b', '--platform', 'linux/amd64', '--platform', 'linux/arm64')).toMatchObject({
      platform: ['linux/amd64', 'linux/arm64'],
    });
  });

  test('a variable stands in for an option that was not given', () => {
    const env = {
      TRANSHIP_DRY_RUN: '1',
      TRANSHIP_CA_FILE: '/ca.pem',
      TRANSHIP_NO_REFERRERS: 'true',
      TRANSHIP_JOBS: '7',
    };
    expect(readWith(env, 'copy', 'a', 'b')).toMatchObject({ dryRun: true, caFile: '/ca.pem', jobs: 7 });
    expect(readWith(env, 'copy', 'a', 'b', '--ca-file', 'x')).toMatchObject({ caFile: 'x' });
    expect(readWith({ TRANSHIP_DRY_RUN: 'false' }, 'copy', 'a', 'b')).toMatchObject({ dryRun: false });
  });

  test('a variable with a value that is none is refused with its name', () => {
    const line = readCommandLine(['copy', 'a', 'b'], commandTable, { TRANSHIP_PROGRESS: 'loud' });
    expect(line).toMatchObject({ kind: 'wrong', error: { message: expect.stringContaining('TRANSHIP_PROGRESS') } });
  });

  test.each([
    [['cpoy', 'a', 'b'], "Unknown command 'cpoy'", 'Did you mean copy?'],
    [['copy', 'a', 'b', '--dry-rum'], "Unknown option '--dry-rum'", 'Did you mean --dry-run?'],
    [['copy', 'a'], "Missing required argument 'destination'", 'tranship copy --help'],
    [['copy', 'a', 'b', '--jobs', '0'], 'whole number above 0', 'tranship copy --help'],
    [['copy', 'a', 'b', '--jobs', '2.5'], 'whole number above 0', 'tranship copy --help'],
    [['copy', 'a', 'b', '-o', 'xml'], 'text, json', 'tranship copy --help'],
    [['inspect', 'a', 'b'], 'Too many arguments', 'tranship inspect --help'],
    [['plan', 'dr.yaml'], 'Too many arguments', 'named with -c FILE. See `tranship plan --help`'],
    [['--frobnicate'], "Unknown option '--frobnicate'", 'tranship --help'],
  ])('%j is refused and says what to look at', (argv, words, hint) => {
    const line = readCommandLine(argv, commandTable, {});
    expect(line).toMatchObject({ kind: 'wrong', error: { code: 'E_USAGE', failure: 'usage' } });
    const { error } = line as typeof line & { kind: 'wrong' };
    expect(error.message).toContain(words);
    expect(error.hint).toContain(hint);
  });

  test('no words and --help both give the list of commands', () => {
    for (const argv of [[], ['--help'], ['-h']]) {
      const line = readCommandLine(argv, commandTable, {});
      expect(line).toMatchObject({ kind: 'help', text: expect.stringContaining('Commands:') });
    }
  });

  test('a command’s help begins with examples and has its options by group', () => {
    const line = readCommandLine(['copy', '--help'], commandTable, {});
    const text = line.kind === 'help' ? line.text : '';
    const order = [
      'tranship copy docker.io/',
      'Usage:',
      'Selection:',
      'Transfer:',
      'Safety:',
      'Output:',
      'Connection:',
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  test('every command’s help fits into 110 columns and shows how the command is used', () => {
    for (const { name, raw } of commandTable) {
      const line = readCommandLine([...name.split(' '), '--help'], commandTable, {});
      expect(line.kind).toBe(raw === true ? 'run' : 'help');
      if (line.kind !== 'help') continue;
      expect(line.text).toContain(`tranship ${name}`);
      expect(Math.max(...line.text.split('\n').map((row) => row.length))).toBeLessThanOrEqual(110);
    }
  });

  test('a group without its command gives its help and counts as incomplete', () => {
    const table: CommandSpec[] = ['quay plan', 'quay apply'].map((name) => ({
      name,
      summary: `does ${name}`,
      examples: [],
      options: [],
      load: () => Promise.reject(new Error('not loaded here')),
    }));
    expect(readCommandLine(['quay'], table, {})).toMatchObject({
      kind: 'incomplete',
      text: expect.stringContaining('quay plan'),
    });
    expect(readCommandLine(['quay', 'plan'], table, {})).toMatchObject({ kind: 'run', spec: { name: 'quay plan' } });
    expect(readCommandLine(['quay', 'plam'], table, {})).toMatchObject({ kind: 'wrong' });
  });
});

function read(...argv: string[]) {
  return readWith({}, ...argv);
}

function readWith(env: Record<string, string>, ...argv: string[]) {
  const line = readCommandLine(argv, commandTable, env);
  if (line.kind !== 'run') throw new Error(`not run: ${JSON.stringify(line)}`);
  const { options } = line;
  return {
    command: line.spec.name,
    args: line.args,
    dryRun: options.flag('dryRun'),
    referrers: options.flag('referrers'),
    output: options.text('output'),
    caFile: options.text('caFile'),
    jobs: options.count('jobs'),
    verbose: options.count('verbose'),
    platform: options.list('platform'),
  };
}

test('a command that stands in for another program gets everything behind its name unread', () => {
  const spec: CommandSpec = {
    name: 'compat some-tool',
    summary: 'stand in',
    examples: [],
    options: [],
    raw: true,
    load: () => Promise.reject(new Error('not loaded here')),
  };
  const argv = ['compat', 'some-tool', '--help', '--conf=x', '-q'];
  expect(readCommandLine(argv, [...commandTable, spec], {})).toMatchObject({ kind: 'run', spec, args: argv.slice(2) });
});
