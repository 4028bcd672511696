import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import { allPages, relativeLinks } from './pages.ts';

const configurations = allPages().flatMap(({ path, text }) =>
  [...text.matchAll(/^```yaml\n(version: 1\n[^]*?)^```/gm)]
    .map(([, yaml]) => yaml ?? '')
    .filter((yaml) => yaml.includes('\nstages:'))
    .map((yaml, index) => ({ name: `${path}, number ${index + 1}`, yaml })),
);

describe('the configurations that pages show', () => {
  test('there are some', () => {
    expect(configurations.map(({ name }) => name)).toContain('README.md, number 1');
  });

  test.each(configurations)('$name has no mistake', ({ name, yaml }) => {
    const variables = [...yaml.matchAll(/\{env: (\w+)\}/g)].map(([, variable]) => [variable, 'a value']);
    expect(() => readConfig(yaml, name, { env: Object.fromEntries(variables) })).not.toThrow();
  });
});

test('the page about the examples names every one of them', () => {
  const examples = fileURLToPath(new URL('../../examples', import.meta.url));
  const linked = new Set(relativeLinks(readFileSync(join(examples, 'README.md'), 'utf8')));
  const files = globSync('**/*', { cwd: examples }).filter((file) => /\.\w+$/.test(file));
  const shown = files.filter((file) => !/\.test\.ts$|README\.md$/.test(file));
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.filter((file) => !linked.has(file) && dirname(file) === '.')).toEqual([]);
  expect(shown.map((file) => dirname(file)).filter((folder) => !mentions(linked, folder))).toEqual([]);
});

/** Files beside an example, such as its certificates, need no line of their own. */
function mentions(linked: ReadonlySet<string>, folder: string): boolean {
  return folder === '.' || [...linked].some((link) => link.startsWith(`${folder}/`));
}

test('the page about the library names what the library exports', () => {
  const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const [, table = ''] = read('docs/guide/library.md').split('## What there is');
  const named = [...table.matchAll(/^\|[^|]*\|(.*)\|$/gm)].flatMap(([, exports]) =>
    [...(exports ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''),
  );
  expect(named).toContain('copy');
  const surface = read('src/index.ts');
  expect(named.filter((name) => !new RegExp(`\\b${name}\\b`).test(surface))).toEqual([]);
});
