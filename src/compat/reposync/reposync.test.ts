import { expect, test } from 'vitest';
import { ConfigError } from '../../config/mistake.ts';
import { configOf } from '../foreign.ts';
import { readReposyncArguments } from './arguments.ts';
import { checkReposync } from './check.ts';
import { nativeReposync } from './native.ts';
import { parseReposync } from './parse.ts';
import { withPlainHttp } from './plain-http.ts';
import { pythonDuration, tracebacks } from './texts.ts';

const registries = `registries:
  hub: {url: index.docker.io, env_user: null, env_password: null}
  master: {url: "master:5000", env_user: U, env_password: P, skip-tls-verify: true}
`;

function parse(stages: string, files: Readonly<Record<string, string>> = {}) {
  return parseReposync(registries + stages, 'cfg.yaml', { readText: async (path) => files[path] });
}

async function wrong(
  stages: string,
  generation: '1.x' | '0.x' = '1.x',
  env: Record<string, string> = { U: 'u', P: 'p' },
) {
  return checkReposync((await parse(stages)).model, env, generation);
}

function stage(more: string, tags = '[]'): string {
  return `  - {from: {source: hub, repository: app}, to: [{destination: master, repository: /m/app, tags: ${tags}}]${more}}\n`;
}

test('everything that needs no network is seen, in the words of each generation', async () => {
  const circle = `stages:\n${stage(', id: a, depends_on: [b]')}${stage(', id: b, depends_on: [a]')}`;
  expect(await wrong(circle)).toEqual(['Please remove cyclic dependencies. Check predecessors:\n  a: b\n  b: a']);
  const twice = `stages:\n${stage(', id: a')}${stage(', id: a')}`;
  expect(await wrong(twice)).toContain("stages[#].id must be unique, duplicates={'a'}");
  expect(await wrong(twice, '0.x')).toContain("Stage id 'a' defined multiple times, check the configuration");
  const itself = `stages:\n${stage(', id: a, depends_on: [a]')}`;
  expect(await wrong(itself)).toEqual(["stage cannot depend on itself: 'a'"]);
  expect(await wrong(itself, '0.x')).toEqual(["Stage a cannot depend upon itself: depends_on=['a']"]);
  const unknown = `stages:\n${stage(', id: a, depends_on: [z]')}`;
  expect(await wrong(unknown)).toEqual(["stage.depends_on entry 'z' must be any of ['a']"]);
  expect(await wrong(unknown, '0.x')).toEqual(["depends_on=['z'] no stage with that name defined"]);
  expect(await wrong(`stages:\n${stage('').replace('hub', 'hup').replace('master', 'mister')}`)).toEqual([
    "from_entry.source='hup' must be any of ['hub', 'master']",
    "to_entry.destination='mister' must be any of ['hub', 'master']",
  ]);
  expect(await wrong(`stages:\n${stage('')}`, '1.x', {})).toEqual([
    "The following env var must be set: 'U'",
    "The following env var must be set: 'P'",
  ]);
  expect(await wrong(`stages:\n${stage('')}`, '0.x', {})).toEqual([
    "The following environment variables are required: ['U', 'P']",
  ]);
});

test.each([
  ['tags: [1.0]', stage('', '[1.0]'), /cfg\.yaml:5:\d+.*Put it in quotes: "1\.0"/],
  ['id: 5', stage(', id: 5'), /Put it in quotes: "5"/],
  [
    'no tags',
    '  - {from: {source: hub, repository: app}, to: [{destination: master, repository: m}]}\n',
    /"tags" is missing/,
  ],
  ['no destination', '  - {from: {source: hub, repository: app}, to: []}\n', /the list is empty/],
])('%s is a mistake with its place', async (_, text, message) => {
  await expect(parse(`stages:\n${text}`)).rejects.toThrow(message);
});

test('other files stand in for values, and one that includes itself is refused', async () => {
  const text = `stages:\n${stage('', '!include tags.yaml')}`;
  const { model } = await parse(text, { 'tags.yaml': '["1.0", "2.0"]' });
  expect(model.stages[0]?.to[0]?.tags).toEqual(['1.0', '2.0']);
  await expect(parse(text, { 'tags.yaml': '!include tags.yaml' })).rejects.toThrow(ConfigError);
  await expect(parse(text)).rejects.toThrow('there is no file "tags.yaml" to include');
});

test('Docker Hub’s own images, a leading slash, anonymous use and a waived certificate', async () => {
  const { model } = await parse(`stages:\n${stage('')}`);
  const native = nativeReposync(model);
  const config = withPlainHttp(configOf(native.file, 'cfg.yaml'), model, native);
  expect(config.stages[0]?.from.repositories).toEqual({ kind: 'one', repository: 'library/app' });
  expect(config.stages[0]?.to[0]?.repository).toEqual({ template: 'm/app' });
  expect(config.registries['hub']).toEqual({ host: 'docker.io', plainHttp: false, credentials: 'anonymous' });
  expect(config.registries['master']).toMatchObject({ tls: { insecure: true }, mayBePlainHttp: true });
});

test('who waits for a stage of several parts waits for all; one that is empty passes the wait on', async () => {
  const { model } = await parse(`stages:
  - {id: a, from: {source: hub, repository: x/y}, to: [{destination: master, repository: a, tags: ["1"]}, {destination: master, repository: b, tags: ["2"]}]}
  - {id: b, from: {source: hub, repository: x/y}, to: [{destination: master, repository: c, tags: []}], depends_on: [a]}
  - {id: c, from: {source: hub, repository: x/y}, to: [{destination: master, repository: d, tags: ["1"]}], depends_on: [b]}
`);
  const waits = (explicitTags: boolean) =>
    nativeReposync(model, { explicitTags }).file.stages.map(
      ({ id, depends_on = [] }) => `${id} < ${depends_on.join(' ')}`,
    );
  expect(waits(false)).toEqual(['a.1 < ', 'a.2 < ', 'b < a.1 a.2', 'c < b']);
  expect(waits(true)).toEqual(['a.1 < ', 'a.2 < ', 'c < a.1 a.2']);
});

test('all generations of the command line are understood, and no tasks at once is refused', () => {
  const read = (...argv: string[]) => readReposyncArguments(argv, {});
  const given = (...argv: string[]) => {
    const line = read(...argv);
    return line.kind === 'run' ? line.arguments : line;
  };
  expect(given('-c', 'x.yaml')).toMatchObject({ file: 'x.yaml', generation: '0.x', jobs: 100 });
  expect(given('--configfile=x.yaml', '--verify')).toMatchObject({ file: 'x.yaml', verifyOnly: true });
  expect(given('x.yaml', '--parallel-sync-tasks', '5', '--debug', '--no-debug')).toMatchObject({
    generation: '1.x',
    jobs: 5,
    debug: false,
  });
  expect(readReposyncArguments([], { SYNC_EXIT_ON_FIRST_ERROR: '0' })).toMatchObject({
    arguments: { exitOnFirstError: true },
  });
  expect(read('--help').kind).toBe('help');
  for (const argv of [['--parallel-sync-tasks', '0'], ['--parallel-sync-tasks=-1'], ['--what'], ['a', 'b'], ['-c']])
    expect([argv, readReposyncArguments(argv, {}).kind]).toEqual([argv, 'wrong']);
});

test('durations and sections are written as Python and the original wrote them', () => {
  expect(pythonDuration(3123.456)).toBe('0:00:03.123456');
  expect(pythonDuration(60_000)).toBe('0:01:00');
  expect(pythonDuration(90_061_000)).toBe('1 day, 1:01:01');
  expect(
    tracebacks([
      { task: 'b', error: 'two\nlines' },
      { task: 'a', error: 'one' },
    ]),
  ).toBe('=== a ===\none\n\n=== b ===\ntwo\nlines\n');
  expect(tracebacks([])).toBe('');
});
