import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRegex } from '../kit/pattern.ts';
import { csvLine, readCsv, tagColumns } from './csv.ts';
import { identify } from './identify.ts';
import { pythonMatch } from './python-regex.ts';
import { anywhere, ungrouped } from './regex.ts';
import { syncYaml } from './registry-sync/sync-yaml.ts';
import { readYaml } from './yaml.ts';

test('law: what was written as CSV is read as it was, whatever stands in it', () => {
  const field = fc.oneof(fc.string(), fc.constantFrom('', ',', '"', '\r\n', '\n', 'a"b', '"'));
  const row = fc.tuple(fc.string({ minLength: 1 }), field, field, field, field, field);
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const text = [csvLine(tagColumns), ...rows.map(csvLine)].join('');
      const read = readCsv(text, tagColumns).map((line) => tagColumns.map((name) => line[name]));
      expect(read).toEqual(rows);
    }),
  );
});

test('a field is quoted only where it must be, and nothing is an empty field', () => {
  expect(csvLine(['a b', 'c,d', 'e"f', 'g\r', undefined])).toBe('a b,"c,d","e""f","g\r",\r\n');
});

test.each([
  ['v1', 'v10', true],
  ['v1', 'xv1', false],
  ['a|ab', 'abc', true],
  [String.raw`v1\Z`, 'v10', false],
  [String.raw`(?P<n>\d+)-`, '12-alpine', true],
  ['(?ai)V1', 'v1', true],
  ['(?u)v1', 'v1', true],
])('Python’s %s at the beginning of %s: %s', (source, text, expected) => {
  expect(pythonMatch(source)(text)).toBe(expected);
});

test.each(['(?=a)', '(?<!a)b', String.raw`(a)\1`, '('])('%s is refused before anything is done', (source) => {
  expect(() => pythonMatch(source)).toThrow(expect.objectContaining({ code: 'E_PYTHON_REGEX' }));
});

test('groups of other tools hold together and capture nothing', () => {
  for (const source of ['(a|b)c', String.raw`\(a\)(?P<x>b)`, '[(]a(?:b)', String.raw`\Q(a)\E(b)`]) {
    expect(/\(\?:/.test(ungrouped(source))).toBe(true);
    const texts = ['ac', 'bc', '(a)b', '(ab', 'x'];
    expect(texts.map((text) => compileRegex(ungrouped(source)).matches(text))).toEqual(
      texts.map((text) => compileRegex(source).matches(text)),
    );
  }
});

test.each([
  ['^v3', ['v3', 'v3.1'], ['xv3']],
  ['alpine$', ['3-alpine'], ['alpine-3']],
  ['^v1$', ['v1'], ['v10', 'xv1']],
  ['^a|b$', ['ax', 'xb'], ['xa']],
])('%s is looked for anywhere', (source, taken, left) => {
  const pattern = compileRegex(anywhere(source));
  expect(taken.filter((text) => !pattern.matches(text))).toEqual([]);
  expect(left.filter((text) => pattern.matches(text))).toEqual([]);
});

test('skopeo’s file is written as PyYAML writes it', () => {
  const images = new Map([
    ['b/x', ['latest', '3.18', '123', 'on', '1_0', '2024-01-01', '1e5', '0x1f', 'v1']],
    ['a/x', ['y']],
  ]);
  expect(syncYaml('acme.azurecr.io', images)).toBe(`acme.azurecr.io:
  images:
    a/x:
    - y
    b/x:
    - latest
    - '3.18'
    - '123'
    - 'on'
    - '1_0'
    - '2024-01-01'
    - 1e5
    - '0x1f'
    - v1
`);
  expect(syncYaml('acme.azurecr.io', new Map())).toBe('acme.azurecr.io:\n  images: {}\n');
});

test.each([
  ['run-reposync', 'registries: {a: {url: x, env_user: A, env_password: B}}\nstages: []'],
  ['run-reposync', 'registries: !include r.yaml\nstages: [{from: {source: a, repository: b}, to: []}]'],
  ['regsync', 'version: 1\nsync: [{source: a.example.com/b, target: c.example.com/b, type: repository}]'],
  ['dregsy', 'tasks: [{name: a, source: {registry: a.example.com}, target: {registry: b.example.com}}]'],
  ['skopeo', 'a.example.com: {images: {b: []}}'],
  ['image-syncer', '{"a.example.com/b": "c.example.com/d"}'],
  ['image-syncer', 'auth: {}\nimages: {a.example.com/b: c.example.com/b}'],
  [
    undefined,
    'version: 1\nregistries: {a: {url: x}}\nstages: [{from: {registry: a, repository: b}, to: [{registry: a}]}]',
  ],
  [undefined, 'a: 1'],
  [undefined, '['],
  [undefined, ''],
])('%s is told by its shape', (tool, text) => {
  const found = identify(text);
  expect(found.kind === 'tool' ? found.tool : undefined).toBe(tool);
});

test('aliases are followed within bounds: a bomb is refused in no time', () => {
  const rows = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join()}]`),
  ];
  expect(() => readYaml(rows.join('\n'), 'bomb.yaml', 'as typed')).toThrow('far larger than it looks');
  expect(() => readYaml(`${'['.repeat(50_000)}`, 'deep.yaml', 'as typed')).toThrow(
    expect.objectContaining({ code: 'E_CONFIG' }),
  );
  expect(() => readYaml('x'.repeat(2 ** 21), 'big.yaml', 'as typed')).toThrow('larger than 1 MiB');
  expect(() => readYaml('a: *none\n', 'f', 'as typed')).toThrow('an alias (*name) stands for nothing');
  expect(() => readYaml('a: {<<: [1]}\n', 'f', 'as typed')).toThrow('a merge key (<<) names no mapping');
  expect(readYaml('a: &a {b: 1}\nc: {<<: *a, d: 2}', 'f', 'as typed').value).toEqual({
    a: { b: '1' },
    c: { b: '1', d: '2' },
  });
});
