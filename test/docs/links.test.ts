import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { commandTable } from '../../src/cli/table.ts';
import { allPages, anchors, type Page, relativeLinks, type ShownCommand, shownCommands } from './pages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = allPages();

describe('the documentation', () => {
  test('has its entrance pages', () => {
    const paths = pages.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'docs/decisions/README.md']));
  });

  test('every relative link leads to a file, and to a heading in it', () => {
    const broken = pages.flatMap((page) => relativeLinks(page.text).flatMap((target) => lackOf(page, target) ?? []));
    expect(broken).toEqual([]);
  });

  test('every command that a page shows is one that the program reads', () => {
    const wrong = pages.flatMap((page) => shownCommands(page.text).flatMap((shown) => refusalOf(page, shown) ?? []));
    expect(wrong).toEqual([]);
  });

  test.each(['guide', 'decisions'])('every page of docs/%s is reached from an index', (folder) => {
    const index = pages.filter(({ path }) => path === 'docs/README.md' || path === `docs/${folder}/README.md`);
    const linked = new Set(index.flatMap(({ path, text }) => relativeLinks(text).map((to) => join(dirname(path), to))));
    const inFolder = pages.map(({ path }) => path).filter((path) => dirname(path) === `docs/${folder}`);
    expect(inFolder.filter((path) => !linked.has(path))).toEqual([]);
  });
});

describe('the reader of pages', () => {
  const page: Page = { path: 'docs/x.md', text: '' };

  test('a link to a file or a heading that is not there is found', () => {
    expect(relativeLinks('[a](b.md) and [c](https://example.com) and `[d](e.md)`')).toEqual(['b.md']);
    expect(lackOf(page, 'nowhere.md')).toBe('docs/x.md → nowhere.md: no such file');
    expect(lackOf({ ...page, path: 'README.md' }, 'docs/reference/commands.md#quay-plan')).toBeUndefined();
    expect(lackOf({ ...page, path: 'README.md' }, 'docs/reference/commands.md#quay-dance')).toContain(
      'no such heading',
    );
  });

  test.each([
    ['an unknown command', '    tranship dance', 'dance'],
    ['an unknown flag', '```sh\n$ tranship copy a b --quickly\n```', '--quickly'],
    ['an argument that is missing', '    tranship copy a', 'Missing'],
    ['a flag behind a pipe', '    printenv T | tranship login h --pw x', '--pw'],
    ['a flag on the second line', '    tranship copy a \\\n        b --quickly', '--quickly'],
    ['a flag in a sentence', 'Say `tranship tags --magic`.', '--magic'],
  ])('%s is found', (_, text, named) => {
    const refusals = shownCommands(text).map((shown) => refusalOf(page, shown));
    expect(refusals).toEqual([expect.stringContaining(named)]);
  });

  test.each([
    ['a comment', '    tranship copy a b    # --not-a-flag'],
    ['what is left out', '    tranship copy --ca-file corp-ca.pem …'],
    ['a redirection', '```sh\ntranship quay export -s q.example.com payments > quay.yaml\n```'],
    ['a command that is only spoken of', 'Use `tranship quay mirror` and `tranship <command> --help`.'],
    ["another program's grammar", '    tranship compat quay-management --whatever it takes'],
  ])('%s is no mistake', (_, text) => {
    const found = shownCommands(text);
    expect(found.length).toBeGreaterThan(0);
    expect(found.map((shown) => refusalOf(page, shown))).toEqual(found.map(() => undefined));
  });
});

function lackOf({ path, text }: Page, target: string): string | undefined {
  const [file = '', anchor] = target.split('#');
  const full = file === '' ? undefined : join(root, dirname(path), file);
  if (full !== undefined && !existsSync(full)) return `${path} → ${target}: no such file`;
  if (anchor === undefined) return undefined;
  if (full !== undefined && !statSync(full).isFile()) return `${path} → ${target}: a folder has no headings`;
  const there = anchors(full === undefined ? text : readFileSync(full, 'utf8'));
  return there.has(anchor) ? undefined : `${path} → ${target}: no such heading`;
}

function refusalOf({ path }: Page, { words, whole }: ShownCommand): string | undefined {
  if (!whole && words.some((word) => /^<.*>$/.test(word))) return undefined;
  const line = readCommandLine(words, commandTable, {});
  const said = `${path}: tranship ${words.join(' ')}`;
  if (line.kind === 'incomplete') return whole ? `${said}: half a command` : undefined;
  if (line.kind !== 'wrong') return undefined;
  if (!whole && /missing required argument/i.test(line.error.message)) return undefined;
  return `${said}: ${line.error.message}`;
}
