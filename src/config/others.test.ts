import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from './load.ts';
import { ConfigError } from './mistake.ts';
import { originsOf } from './origins.ts';
import { configJsonSchema } from './schema.ts';
import { starterText } from './starter.ts';
import { didYouMean, nearest } from './suggest.ts';

describe('a suggestion', () => {
  const known = ['tags', 'to', 'depends_on', 'platforms', 'immutable'];
  test.each([
    ['tgas', 'tags'],
    ['tag', 'tags'],
    ['dependsOn', 'depends_on'],
    ['depends-on', 'depends_on'],
    ['platfroms', 'platforms'],
    ['imutable', 'immutable'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
  ])('%s → %s', (word, expected) => expect(nearest(word, known)).toBe(expected));

  test('is a question', () => expect(didYouMean('tgas', known)).toBe('Did you mean "tags"?'));
  test('is quick for a word without end', () => expect(nearest('x'.repeat(1_000_000), known)).toBeUndefined());
});

describe('the file that init writes', () => {
  test('is valid as it stands', () => {
    const { config } = readConfig(starterText(), 'tranship.yaml');
    expect(config.stages[0]?.tags.include).toHaveLength(2);
  });

  test('names the registries that are asked for', () => {
    const { config } = readConfig(
      starterText({ source: 'quay.example.com', destination: 'localhost:5000' }),
      'tranship.yaml',
    );
    expect(Object.values(config.registries).map(({ host }) => host)).toEqual(['quay.example.com', 'localhost:5000']);
  });

  test('is valid with what it has in comments, too', () => {
    const uncommented = starterText().replace(/^( *)# ((?:- id|credentials|tls|limits|exclude|  ).*)$/gm, '$1$2');
    expect(uncommented).not.toBe(starterText());
    const env = { SOURCE_USER: 'x', SOURCE_PASSWORD: 'y' };
    const { config } = readConfig(uncommented, 'tranship.yaml', { env });
    expect(config.stages.map(({ id }) => id)).toEqual(['first', 'apps']);
    expect(config.stages[0]?.tags.exclude).toEqual([{ pattern: { regex: '.*_rc\\d+' } }]);
    expect(config.registries['source']?.credentials).toBeDefined();
  });
});

describe('where each value comes from', () => {
  const text = [
    'version: 1',
    'registries: {a: {url: a.example.com, api: {token: {env: A_TOKEN}}}, b: {url: b.example.com}}',
    'defaults: {overwrite: false, platforms: [linux/amd64]}',
    'stages:',
    '  - from: {registry: a, repository: x}',
    '    platforms: all',
    '    to: [{registry: b}]',
  ].join('\n');
  const origins = originsOf(readConfig(text, 'tranship.yaml'));
  test.each([
    ['version', '1', 'tranship.yaml:1:10'],
    ['registries.a.url', '"a.example.com"', 'tranship.yaml:2:23'],
    ['registries.a.api.token.env', '"A_TOKEN"', 'tranship.yaml:2:57'],
    ['stages[0].platforms', '"all"', 'tranship.yaml:6:16'],
    ['stages[0].to[0].registry', '"b"', 'tranship.yaml:7:21'],
    ['stages[0].overwrite', 'false', 'tranship.yaml:3:23 (defaults)'],
    ['stages[0].referrers', 'true', 'built in'],
  ])('%s = %s: %s', (path, value, origin) => {
    expect(origins.filter((one) => one.path === path)).toEqual([{ path, value, origin }]);
  });
});

describe('the JSON Schema', () => {
  const schema = configJsonSchema() as {
    $schema: string;
    properties: Record<string, unknown>;
    additionalProperties: boolean;
  };

  test('is of a draft that editors know, and closed', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(schema.properties)).toEqual(['version', 'registries', 'defaults', 'stages']);
  });

  test('describes what a person types, not what becomes of it', () => {
    expect(JSON.stringify(schema)).toContain('"examples":["50MB/s"]');
    expect(JSON.stringify(schema)).not.toContain('requestsPerSecond');
  });
});

describe('whatever stands in the file', () => {
  const word = fc.constantFrom(
    'version',
    'registries',
    'stages',
    'a',
    'url',
    'from',
    'to',
    'tags',
    'registry',
    'repository',
    '1',
    '"x"',
    '&a',
    '*a',
    '!t',
    'null',
    'v*',
    '{',
    '}',
    '[',
    ']',
    ': ',
    '- ',
    '\n',
    '\n  ',
    '\t',
    ', ',
    '#',
    '"',
    "'",
    '<<',
    '__proto__',
    '\u0000',
    '\ud800',
  );

  test('there is a configuration or a list of mistakes, never another error', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        expect(wordsFor(words.join(''))).not.toContain('');
      }),
      { numRuns: 1500 },
    );
  });

  test('a value of any form in any place is told, and nothing is thrown', () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const place = fc.constantFrom(
      'registries',
      'defaults',
      'stages',
      'from',
      'tags',
      'to',
      'prune',
      'credentials',
      'depends_on',
    );
    fc.assert(
      fc.property(place, anything, (at, value) => {
        expect(wordsFor(JSON.stringify(withValue(at, value)))).not.toContain('');
      }),
      { numRuns: 1500 },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

/** What is said of each mistake; any error but a list of them is thrown. */
function wordsFor(text: string): readonly string[] {
  try {
    readConfig(text, 'tranship.yaml', { env: {} });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError) || error.mistakes.length === 0) throw error;
    return error.mistakes.map((mistake) => mistake.message);
  }
}

function withValue(at: string, value: unknown): unknown {
  const stage = { id: 's', from: { registry: 'a', repository: 'x' }, to: [{ registry: 'b' }] };
  const base = {
    version: 1,
    registries: { a: { url: 'a.example.com' }, b: { url: 'b.example.com' } },
    stages: [stage],
  };
  if (at === 'credentials')
    return { ...base, registries: { ...base.registries, a: { url: 'a.example.com', credentials: value } } };
  return ['registries', 'defaults', 'stages'].includes(at)
    ? { ...base, [at]: value }
    : { ...base, stages: [{ ...stage, [at]: value }] };
}
