import { describe, expect, test } from 'vitest';
import { readConfig, readConfigText } from './load.ts';
import { ConfigError, formatMistake } from './mistake.ts';

const env = { HUB_USER: 'robot', HUB_PASSWORD: 'canary-7f3a' };

/** The sample of the user guide: everything that the format can say, once. */
const sample = `version: 1

registries:
  hub:
    url: docker.io
    credentials: {username: {env: HUB_USER}, password: {env: HUB_PASSWORD}}
  active:
    url: quay.dc1.example.com
    kind: quay
    api: {token: {file: /run/secrets/active-token}}
  standby:
    url: quay.dc2.example.com
    tls: {ca: ./corp-ca.pem}
    limits: {concurrency: 8, rate: 20/s, bandwidth: 50MB/s}
  lab:
    url: http://localhost:5000

defaults:
  referrers: true
  platforms: all

stages:
  - id: base
    from: {registry: hub, repository: library/alpine}
    tags:
      include: [{semver: ">=3.18", newest: 3, per: minor}, edge]
      exclude: [{regex: ".*_rc\\\\d+"}]
      at-least: 1
    to:
      - {registry: active, repository: mirror/alpine}
      - {registry: lab, repository: mirror/alpine}

  - id: dr
    depends_on: [base]
    from: {registry: active, repositories: ["mirror/**", "apps/*"]}
    to:
      - {registry: standby, repository: "{path}", create: true}
    prune: {after: 7d, max: 10%}
`;

const digest = `sha256:${'0a'.repeat(32)}`;

/** The smallest file, with lines put in at its places. */
function small({ registry = '', top = '', stage = '', to = '' } = {}): string {
  const lines = [
    'version: 1',
    'registries:',
    '  a:',
    '    url: a.example.com',
    registry,
    '  b: {url: b.example.com}',
    top,
    'stages:',
    '  - from: {registry: a, repository: apps/web}',
    stage,
    `    to: [{registry: b${to}}]`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function mistakes(text: string, environment: Record<string, string> = env): readonly string[] {
  return failureOf(text, environment)?.mistakes.map(formatMistake) ?? [];
}

function failureOf(text: string, environment?: Record<string, string>): ConfigError | undefined {
  try {
    readConfig(text, 'tranship.yaml', environment === undefined ? {} : { env: environment });
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

describe('the sample', () => {
  const { config } = readConfig(sample, 'tranship.yaml', { env });

  test('gives registries with quantities read', () => {
    expect(config.registries).toEqual({
      hub: {
        host: 'docker.io',
        plainHttp: false,
        credentials: { username: { env: 'HUB_USER' }, password: { env: 'HUB_PASSWORD' } },
      },
      active: {
        host: 'quay.dc1.example.com',
        plainHttp: false,
        kind: 'quay',
        api: { token: { file: '/run/secrets/active-token' } },
      },
      standby: {
        host: 'quay.dc2.example.com',
        plainHttp: false,
        tls: { ca: './corp-ca.pem' },
        limits: { concurrency: 8, requestsPerSecond: 20, bandwidth: 50_000_000 },
      },
      lab: { host: 'localhost:5000', plainHttp: true },
    });
  });

  test('gives stages with defaults filled in', () => {
    expect(config.stages[0]).toEqual({
      id: 'base',
      dependsOn: [],
      from: { registry: 'hub', repositories: { kind: 'one', repository: 'library/alpine' } },
      tags: {
        include: [
          { semver: '>=3.18', newest: { count: 3, by: 'version', per: 'minor' } },
          { pattern: { name: 'edge' } },
        ],
        exclude: [{ pattern: { regex: '.*_rc\\d+' } }],
        atLeast: 1,
      },
      to: [
        { registry: 'active', repository: { template: 'mirror/alpine' }, tag: { template: '{tag}' }, create: false },
        { registry: 'lab', repository: { template: 'mirror/alpine' }, tag: { template: '{tag}' }, create: false },
      ],
      referrers: 'with-images',
      platforms: 'all',
      overwrite: true,
      immutable: [],
      foreignLayers: 'skip',
    });
  });

  test('gives discovery and pruning', () => {
    expect(config.stages[1]).toMatchObject({
      dependsOn: ['base'],
      from: {
        repositories: {
          kind: 'several',
          include: [{ glob: 'mirror/**' }, { glob: 'apps/*' }],
          exclude: [],
          atLeast: 1,
        },
      },
      tags: { include: [], exclude: [], atLeast: 0 },
      to: [{ create: true }],
      prune: { afterMs: 604_800_000, max: { percent: 10 }, keep: 5 },
    });
  });

  test('is plain data', () => {
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });
});

describe('what a stage may say besides', () => {
  const stageOf = (text: string) => readConfig(text, 'tranship.yaml').config.stages[0];

  test('a list of rules is what include would be', () => {
    const text = small({
      stage: '    tags: [v1, "v*", {glob: "x?"}, {regex: "(.+)-alpine", semver: ">=2", prereleases: true}]',
    });
    expect(stageOf(text)?.tags).toEqual({
      include: [
        { pattern: { name: 'v1' } },
        { pattern: { glob: 'v*' } },
        { pattern: { glob: 'x?' } },
        { pattern: { regex: '(.+)-alpine' }, semver: '>=2', prereleases: true },
      ],
      exclude: [],
      atLeast: 1,
    });
  });

  test('a tag that is to name a digest', () => {
    expect(stageOf(small({ stage: `    tags: [v1, "v2@${digest}"]` }))?.tags.include).toEqual([
      { pattern: { name: 'v1' } },
      { pattern: { name: 'v2' }, digest },
    ]);
  });

  test.each(['', '    tags: []', '    tags: {}'])('no rules are all tags: %s', (stage) => {
    expect(stageOf(small({ stage }))?.tags).toEqual({ include: [], exclude: [], atLeast: 1 });
  });

  test('ages and times', () => {
    const text = small({ stage: '    tags: [{newest: 5, by: time, newer-than: 90d, older-than: 1h30m}]' });
    expect(stageOf(text)?.tags.include).toEqual([
      { newest: { count: 5, by: 'time' }, newerThanMs: 7_776_000_000, olderThanMs: 5_400_000 },
    ]);
  });

  test('steps for the repository and a replacement for the tag', () => {
    const text = small({
      to: ', repository: [{strip: apps/}, {prefix: dr/}, {suffix: -x}, {regex: "o+", with: "0"}], tag: {regex: "^v", with: ""}',
    });
    expect(stageOf(text)?.to[0]).toEqual({
      registry: 'b',
      repository: { steps: [{ strip: 'apps/' }, { prefix: 'dr/' }, { suffix: '-x' }, { regex: 'o+', with: '0' }] },
      tag: { regex: '^v', with: '' },
      create: false,
    });
  });

  test('options of its own before those of defaults', () => {
    const text = small({
      top: 'defaults: {overwrite: false, referrers: always, platforms: [linux/amd64], immutable: ["v*"]}',
      stage:
        '    referrers: false\n    immutable: [{regex: "v\\\\d+"}, edge]\n    backup-tag: "{tag}-before-{date}"\n    foreign-layers: copy',
    });
    expect(stageOf(text)).toMatchObject({
      overwrite: false,
      referrers: 'never',
      platforms: ['linux/amd64'],
      immutable: [{ regex: 'v\\d+' }, { name: 'edge' }],
      backupTag: '{tag}-before-{date}',
      foreignLayers: 'copy',
    });
  });

  test('repositories with exceptions and bounds', () => {
    const text = small({}).replace(
      'repository: apps/web',
      'repositories: {include: ["apps/**"], exclude: [{regex: ".*-old"}], at-least: 0, at-most: 9}',
    );
    expect(stageOf(text)?.from.repositories).toEqual({
      kind: 'several',
      include: [{ glob: 'apps/**' }],
      exclude: [{ regex: '.*-old' }],
      atLeast: 0,
      atMost: 9,
    });
  });

  test('a number of tags as the most to prune', () => {
    expect(stageOf(small({ stage: '    prune: {max: 3, keep: 0}' }))?.prune).toEqual({
      afterMs: 604_800_000,
      max: { count: 3 },
      keep: 0,
    });
  });

  test('a stage without a name gets one', () => expect(stageOf(small())?.id).toBe('stage-1'));

  test.each([
    'anonymous',
    '{token: {command: [helper, get]}}',
    '{username: bob, password: {file: ./p}}',
    '{helper: ecr-login}',
    '{helper: ecr-login, server: ecr.example.com}',
  ])('credentials: %s', (written) => {
    expect(mistakes(small({ registry: `    credentials: ${written}` }))).toEqual([]);
  });
});

describe('each mistake has its line, and says what was meant', () => {
  test.each<[string, string, string]>([
    ['an unknown key', small({ stage: '    tgas: [v1]' }), '8:5: unknown key "tgas". Did you mean "tags"?'],
    ['an unknown key that is near nothing', small({ stage: '    colour: red' }), '8:5: unknown key "colour".'],
    [
      'a key in another spelling',
      small({ stage: '    dependsOn: []' }),
      '8:5: unknown key "dependsOn". Did you mean "depends_on"?',
    ],
    ['an unknown key in a registry', small({ registry: '    tsl: {}' }), '5:5: unknown key "tsl". Did you mean "tls"?'],
    ['a missing key', small().replace('    url: a.example.com', '    kind: quay'), '4:5: "url" is missing.'],
    ['no stages', small().replace(/stages:[^]*/, 'stages: []'), '6:9: the list is empty.'],
    ['another version', small().replace('version: 1', 'version: 2'), '1:10: 1 is expected here.'],
    [
      'a version in quotes',
      small().replace('version: 1', 'version: "1"'),
      '1:10: 1 is expected here. Write it without quotes.',
    ],
    [
      'one destination that is no list',
      small().replace('[{registry: b}]', '{registry: b}'),
      '8:9: a list is expected here, not a mapping. Put it into brackets to make a list of one.',
    ],
    [
      'an address from a variable',
      small().replace('url: a.example.com', 'url: "${HOST}"'),
      '4:10: "${HOST}" is no address of a registry (write it like registry.example.com:5000). Variables are not filled in here; only secrets are read from the environment.',
    ],
    [
      'a registry in a folder that has an address too',
      small({ registry: '    layout: ./x' }),
      '4:10: a folder of layouts has no `url`.',
    ],
    ['a bracket that is not closed', small().replace('b}]', 'b}'), '8:23: a [ is not closed with ].'],
    [
      'a quote that is not closed',
      small().replace('[{registry: b}]', "'x"),
      "8:11: a text that begins with ' is not closed.",
    ],
    [
      'a line that begins too early',
      small().replace('    to:', '   to:'),
      '8:1: this stands less far to the right than it should, or a dash is missing.',
    ],
    ['no version', small().replace('version: 1\n', ''), '1:1: "version" is missing.'],
    [
      'a wrong type',
      small({ stage: '    tags: v1' }),
      '8:11: a list or a mapping is expected here, not a text. Put it into brackets to make a list of one.',
    ],
    [
      'an unquoted tag',
      small({ stage: '    tags: [v1, 1.0]' }),
      '8:16: a text or a mapping is expected here, not the number 1.0. Put it in quotes: "1.0".',
    ],
    [
      'an unquoted tag that is a word of YAML',
      small({ stage: '    tags: [true]' }),
      '8:12: a text or a mapping is expected here, not true. Put it in quotes: "true".',
    ],
    [
      'an unquoted id',
      small({ stage: '    id: 5' }),
      '8:9: a text is expected here, not the number 5. Put it in quotes: "5".',
    ],
    ['an empty value', small({ stage: '    id:' }), '8:8: a text is expected here, not nothing.'],
    [
      'yes for true',
      small({ stage: '    overwrite: yes' }),
      '8:16: true or false is expected here, not a text. YAML 1.2 knows only true and false.',
    ],
    [
      'a word that is none of those',
      small({ registry: '    kind: quai' }),
      '5:11: "quay", "harbor", "acr", "gar", "docker-hub", "gitlab", "ecr", "ghcr" or "distribution" is expected here. Did you mean "quay"?',
    ],
    [
      'an unknown registry',
      small().replace('registry: b}', 'registry: bb}'),
      '8:21: no registry is named "bb". Did you mean "b"?',
    ],
    [
      'an unknown source',
      small().replace('registry: a,', 'registry: zzz,'),
      '7:22: no registry is named "zzz". There are: a, b.',
    ],
    [
      'an unknown stage',
      small({ stage: '    depends_on: [other]' }),
      '8:18: no stage is named "other". There are: stage-1.',
    ],
    [
      'an address with a path',
      small().replace('a.example.com', 'a.example.com/team'),
      '4:10: "a.example.com/team" has a path; a registry is only a host, the path belongs into `repository`.',
    ],
    [
      'an address that is none',
      small().replace('url: a.example.com', 'url: "not a host"'),
      '4:10: "not a host" is no address of a registry (write it like registry.example.com:5000).',
    ],
    ['a repository in upper case', small().replace('apps/web', 'Apps/web'), '7:37: "Apps/web" is no repository name.'],
    ['a tag that is none', small({ stage: '    tags: ["a b"]' }), '8:12: "a b" is neither a tag nor a pattern of one.'],
    [
      'a digest without a tag to stand under',
      small({ stage: `    tags: ["${digest}"]` }),
      `8:12: a digest needs a tag to stand under. Write it like "NAME@${digest}".`,
    ],
    ['a digest that is cut short', small({ stage: '    tags: ["v1@sha256:0a"]' }), '8:12: "sha256:0a" is no digest.'],
    [
      'a digest for a pattern of tags',
      small({ stage: `    tags: ["v*@${digest}"]` }),
      '8:12: "v*" is no tag, and only one tag can name a digest.',
    ],
    [
      'a digest to exclude',
      small({ stage: `    tags: {exclude: ["v1@${digest}"]}` }),
      `8:22: "v1@${digest}" is neither a tag nor a pattern of one.`,
    ],
    [
      'one tag that is to name two digests',
      small({ stage: `    tags: ["v1@${digest}", "v1@sha256:${'1b'.repeat(32)}"]` }),
      `8:90: the tag "v1" is to name another digest already, in line 8.`,
    ],
    [
      'a range that is none',
      small({ stage: '    tags: [{semver: "~~1"}]' }),
      '8:21: "~~1" is no version range. Write it like ">=1.2 <2".',
    ],
    ['a pattern that is none', small({ stage: '    tags: ["v["]' }), '8:12: "v[" is no pattern: a [ has no ].'],
    [
      'an expression that is none',
      small({ stage: '    tags: [{regex: "(a"}]' }),
      '8:20: "(a" is no regular expression: missing closing ): `(a`.',
    ],
    ['an empty rule', small({ stage: '    tags: [{}]' }), '8:12: the rule is empty.'],
    ['per without newest', small({ stage: '    tags: [{per: minor}]' }), '8:12: `by` and `per` belong to `newest`.'],
    [
      'a duration without a unit',
      small({ stage: '    prune: {after: 7}' }),
      '8:20: a duration is expected here, written like 7d or 1h30m.',
    ],
    [
      'a duration that is none',
      small({ stage: '    prune: {after: week}' }),
      '8:20: "week" is no duration. Write it like 7d or 1h30m.',
    ],
    [
      'a rate without a unit',
      small({ registry: '    limits: {rate: 20}' }),
      '5:20: a rate is expected here, written like 20/s.',
    ],
    ['a limit of nothing', small({ registry: '    limits: {concurrency: 0}' }), '5:27: at least 1 is needed.'],
    [
      'a part over the whole',
      small({ stage: '    prune: {max: 110%}' }),
      '8:18: "110%" is no number of tags. Write it like 10% or 25.',
    ],
    [
      'a template of an unknown name',
      small({ to: ', repository: "{pth}/x"' }),
      '8:36: {pth} is not known here. Did you mean "path"?',
    ],
    [
      'a template that makes no name',
      small({ to: ', repository: "UP/{name}"' }),
      '8:36: "UP/{name}" makes no repository name.',
    ],
    [
      'a group that is not there',
      small({ to: ', tag: {regex: "^v", with: "$1"}' }),
      '8:49: "$1" is no replacement: $1 has no group: the expression has 0.',
    ],
    [
      'a step mistyped',
      small({ to: ', repository: [{stripp: x}]' }),
      '8:38: unknown key "stripp". Did you mean "strip"?',
    ],
    [
      'neither repository nor repositories',
      small().replace(', repository: apps/web', ''),
      '7:11: a source has `repository` or `repositories`, one of them.',
    ],
    [
      'both of them',
      small().replace('apps/web', 'apps/web, repositories: ["a/*"]'),
      '7:11: a source has `repository` or `repositories`, one of them.',
    ],
    ['half of a certificate', small({ registry: '    tls: {cert: x.pem}' }), '5:10: `cert` and `key` belong together.'],
    [
      'a platform that is none',
      small({ stage: '    platforms: [amd64]' }),
      '8:17: "amd64" is no platform (write it like linux/amd64).',
    ],
    [
      'a name of a registry with a slash',
      small().replace('  b: {', '  b/c: {').replace('registry: b}', 'registry: b/c}'),
      '5:3: "b/c" is no name (letters, digits, ".", "_" and "-").',
    ],
  ])('%s', (_name, text, expected) => {
    expect(mistakes(text)).toEqual([`tranship.yaml:${expected}`]);
  });

  test('the same mistake a hundred times is shown a few times, and counted', () => {
    const text = small({ stage: `    tags: [${Array(100).fill('*a').join(', ')}]` });
    const [first, ...lines] = failureOf(text)?.message.split('\n') ?? [];
    expect(first).toBe('The configuration has 100 mistakes:');
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('  … and 95 more');
  });

  test('all of them at once, in the order of the file', () => {
    const text = small({
      registry: '    kindd: quay',
      stage: '    id: 5\n    depends_on: [nobody]\n    tags: [1.0]',
      to: ', creat: true',
    });
    expect(mistakes(text).map((line) => line.split(': ')[0])).toEqual([
      'tranship.yaml:5:5',
      'tranship.yaml:9:9',
      'tranship.yaml:10:18',
      'tranship.yaml:11:12',
      'tranship.yaml:12:24',
    ]);
  });
});

describe('certificates', () => {
  test.each([
    '{ca: ./ca.pem, cert: ./client.pem, key: ./client.key}',
    '{ca: "-----BEGIN CERTIFICATE-----", cert: "-----BEGIN CERTIFICATE-----", key: {env: HUB_PASSWORD}}',
    '{cert: ./client.pem, key: {file: /run/secrets/key}}',
  ])('are files or the text itself: %s', (tls) => {
    expect(mistakes(small({ registry: `    tls: ${tls}` }))).toEqual([]);
  });

  test('a key in the file is a secret, and is not repeated', () => {
    const key = '-----BEGIN PRIVATE KEY-----hunter2';
    const found = mistakes(small({ registry: `    tls: {cert: ./c.pem, key: "${key}"}` }));
    expect(found).toEqual([expect.stringContaining('5:31: a secret never stands in the file itself')]);
    expect(found.join()).not.toContain('hunter2');
  });
});

describe('secrets', () => {
  test.each(['hunter2', '"{{env X}}"', '1234'])(
    'a password in the file is refused and not repeated: %s',
    (password) => {
      const [only, ...others] = mistakes(
        small({ registry: `    credentials: {username: bob, password: ${password}}` }),
      );
      expect(others).toEqual([]);
      expect(only).toContain('a secret never stands in the file itself');
      expect(only).not.toContain('hunter2');
    },
  );

  test.each([
    'password: *hunter2}}',
    'password: !hunter2 x}}',
    'password: @hunter2}}',
    'password: |hunter2}}',
    'password: "hunter2}}',
    'password: %hunter2}}',
    'password: a} b: hunter2}}',
    'password: [hunter2}}',
  ])('a password in a line that YAML cannot read is not repeated: %s', (broken) => {
    const found = mistakes(small({ registry: `    credentials: {username: bob, ${broken}` }));
    expect(found).not.toEqual([]);
    expect(found.join('\n')).not.toContain('hunter2');
  });

  test('a token in the file is refused and not repeated', () => {
    const found = mistakes(small({ registry: '    api: {token: hunter2}\n    credentials: hunter2' })).join('\n');
    expect(found).not.toContain('hunter2');
    expect(found).toMatch(/5:18: a secret never stands/);
  });

  test('a variable that is not set is named, one that is empty too', () => {
    expect(mistakes(sample, { HUB_USER: '' })).toEqual([
      'tranship.yaml:6:35: the environment variable HUB_USER is empty.',
      'tranship.yaml:6:62: the environment variable HUB_PASSWORD is not set.',
    ]);
  });

  test('variables are not looked at where no environment is given', () => {
    expect(failureOf(sample)).toBeUndefined();
  });
});

describe('stages', () => {
  const withStages = (...stages: readonly string[]) =>
    `${small().replace(/stages:[^]*/, '')}stages:\n${stages.join('\n')}\n`;
  const stage = (id: string, dependsOn = '[]') =>
    `  - {id: ${id}, depends_on: ${dependsOn}, from: {registry: a, repository: x/${id}}, to: [{registry: b}]}`;

  test('of one name are told with both lines', () => {
    expect(mistakes(withStages(stage('one'), stage('two'), stage('one')))).toContain(
      'tranship.yaml:9:10: the stage "one" is there already, in line 7.',
    );
  });

  test('that wait for each other are told with every line', () => {
    const text = withStages(
      stage('one', '[three]'),
      stage('two', '[one]'),
      stage('three', '[two]'),
      stage('four', '[three]'),
    );
    expect(mistakes(text)).toEqual([
      'tranship.yaml:7:27: stages wait for each other: one (line 7) → three (line 9) → two (line 8) → one (line 7).',
    ]);
  });

  test('that wait for themselves are told', () => {
    expect(mistakes(withStages(stage('one', '[one]')))).toEqual([
      'tranship.yaml:7:27: the stage "one" waits for itself.',
    ]);
  });

  test('two circles are two mistakes', () => {
    const text = withStages(stage('a', '[b]'), stage('b', '[a]'), stage('c', '[d]'), stage('d', '[c]'));
    expect(mistakes(text)).toHaveLength(2);
  });

  test('a diamond is no circle', () => {
    expect(mistakes(withStages(stage('a'), stage('b', '[a]'), stage('c', '[a]'), stage('d', '[b, c]')))).toEqual([]);
  });

  test('a chain of three thousand is checked', () => {
    const chain = Array.from({ length: 3000 }, (_, at) => stage(`s${at}`, at === 0 ? '[s2999]' : `[s${at - 1}]`));
    expect(mistakes(withStages(...chain))).toHaveLength(1);
  });
});

describe('targets', () => {
  const two = (one: string, other: string) =>
    `${small().replace(/stages:[^]*/, '')}stages:\n  - ${one}\n  - ${other}\n`;

  test('a copy onto itself is told', () => {
    expect(mistakes(small().replace('registry: b}', 'registry: a}'))).toEqual([
      'tranship.yaml:8:10: a.example.com/apps/web would be copied onto itself.',
    ]);
  });

  test('under another tag it is none', () => {
    expect(mistakes(small().replace('registry: b}', 'registry: a, tag: "{tag}-copy"}'))).toEqual([]);
  });

  test('two names of one host are one place', () => {
    expect(mistakes(small().replace('b.example.com', 'a.example.com'))).toHaveLength(1);
  });

  test('named tags of two sources that meet are told', () => {
    const text = two(
      '{from: {registry: a, repository: x/one}, tags: [v1, v2], to: [{registry: b, repository: z/all}]}',
      '{from: {registry: a, repository: x/two}, tags: [v2], to: [{registry: b, repository: z/all}]}',
    );
    expect(mistakes(text)).toEqual([
      'tranship.yaml:8:63: a.example.com/x/one (line 7) and a.example.com/x/two would both be copied to b.example.com/z/all:v2.',
    ]);
  });

  test('named tags of two sources that do not meet are none', () => {
    const text = two(
      '{from: {registry: a, repository: x/one}, tags: [v1], to: [{registry: b, repository: z/all}]}',
      '{from: {registry: a, repository: x/two}, tags: [v2], to: [{registry: b, repository: z/all}]}',
    );
    expect(mistakes(text)).toEqual([]);
  });

  test('one destination twice in a stage is told', () => {
    expect(mistakes(small({ to: '}, {registry: b' }))).toEqual([
      'tranship.yaml:8:25: a.example.com/apps/web is copied to b.example.com/apps/web already, in line 8.',
    ]);
  });

  test('many repositories into one are told', () => {
    const text = small({ to: ', repository: all/one' }).replace('repository: apps/web', 'repositories: ["apps/**"]');
    expect(mistakes(text)).toEqual([
      'tranship.yaml:8:36: every repository of this stage would end at all/one. Use {path} or {name} in it.',
    ]);
  });
});

describe('YAML', () => {
  test.each<[string, string, RegExp]>([
    ['a tab', 'version: 1\nregistries:\n\ta: {url: x}\n', /^tranship.yaml:3:1: a tab indents here/],
    ['a key twice', small().replace('  b: {', '  a: {'), /^tranship.yaml:5:3: this key stands here a second time/],
    ['a missing bracket', small({ stage: '    tags: [v1' }), /^tranship.yaml:\d+:\d+: /],
    [
      'an anchor',
      small().replace('url: a.example.com', 'url: &here a.example.com'),
      /^tranship.yaml:4:\d+: anchors \(&name\) are not taken. Write the value out/,
    ],
    ['a merge key', small({ registry: '    <<: {kind: quay}' }), /^tranship.yaml:5:5: merge keys \(<<\) are not taken/],
    [
      'a tag of YAML',
      small({ stage: '    tags: !include tags.yaml' }),
      /^tranship.yaml:8:\d+: tags \(!name\) are not taken/,
    ],
    [
      'a prototype',
      small({ registry: '    __proto__: {polluted: true}' }),
      /^tranship.yaml:5:5: a key may not be __proto__/,
    ],
    [
      'a key that is a number',
      small().replace('  b: {', '  5: {'),
      /^tranship.yaml:5:3: the key 5 is no text. Put it in quotes: "5"/,
    ],
    ['a key that is a list', small({ top: '? [x]\n: 1' }), /a key must be a text/],
    ['a second document', `${small()}\n---\n${small()}`, /a second document begins here/],
    ['no text at all', '', /^tranship.yaml: it is empty. `tranship init` writes one/],
    ['only comments', '# nothing\n', /^tranship.yaml: it is empty/],
    ['a list', '- a\n', /a mapping is expected here, not a list/],
  ])('%s', (_name, text, expected) => {
    const found = mistakes(text);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(expected);
  });

  test('an alias is never expanded, however many laughs', () => {
    const bomb = [
      'a: &a [x, x]',
      ...'bcdefghijklmnop'
        .split('')
        .map((name, at) => `${name}: &${name} [*${'abcdefghijklmnop'[at]}, *${'abcdefghijklmnop'[at]}]`),
    ];
    const started = performance.now();
    expect(mistakes(bomb.join('\n'))[0]).toMatch(/anchors/);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test.each([40, 5000, 200_000])('%d brackets in one another are refused', (depth) => {
    expect(mistakes(`a: ${'['.repeat(depth)}${']'.repeat(depth)}`)[0]).toMatch(/nested/);
  });

  test('ten megabytes are refused unread', () => {
    expect(mistakes('# '.padEnd(10 * 1024 * 1024, 'x'))).toEqual([
      'tranship.yaml: it is larger than 1 MiB, which no configuration is.',
    ]);
  });

  test('a file of nonsense ends in a report that can be read', () => {
    const text = Array.from({ length: 500 }, (_, at) => `key${at}: 1`).join('\n');
    const { message = '' } = failureOf(text) ?? {};
    expect(message.split('\n').length).toBeLessThan(60);
    expect(message).toMatch(/… and \d+ more/);
  });

  test('Windows line ends and a byte order mark are no mistakes', () => {
    expect(mistakes(`\ufeff${sample.replaceAll('\n', '\r\n')}`)).toEqual([]);
  });
});

describe('a file', () => {
  const read = (content: string | Uint8Array) => ({
    env,
    readFile: async () => (typeof content === 'string' ? Buffer.from(content) : content),
  });
  const failing = (code: string) => ({
    readFile: async () => {
      throw Object.assign(new Error('no'), { code });
    },
  });

  test('is read through what is handed in', async () => {
    expect(await readConfigText('tranship.yaml', read(sample))).toBe(sample);
  });

  test.each([
    ['ENOENT', 'there is no such file'],
    ['EACCES', 'it may not be read'],
    ['EISDIR', 'it is a folder'],
    ['EIO', 'it cannot be read (no)'],
  ])('that cannot be read (%s) is told', async (code, words) => {
    await expect(readConfigText('x.yaml', failing(code))).rejects.toMatchObject({
      code: 'E_CONFIG',
      failure: 'usage',
      mistakes: [{ code: 'E_CONFIG_FILE', message: words, at: { file: 'x.yaml' } }],
    });
  });

  test('that is no UTF-8 is told', async () => {
    await expect(readConfigText('x.yaml', read(new Uint8Array([0xff, 0xfe, 0x41])))).rejects.toThrow(/not UTF-8/);
  });

  test('that is too large is told', async () => {
    await expect(readConfigText('x.yaml', read(new Uint8Array(1024 * 1024 + 1)))).rejects.toThrow(/larger than 1 MiB/);
  });

  test('that is no longer wanted is not told as unreadable', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(readConfigText('x.yaml', { ...failing('EIO'), signal })).rejects.toThrow('stop');
  });
});
