import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { defects } from './defects.ts';

const root = new URL('../../../', import.meta.url);

test('every entry of the three lists is there once, in order', () => {
  const numbers = (chapter: string, last: number) =>
    Array.from({ length: last }, (_, index) => `${chapter}.${index + 1}`);
  expect(defects.map(({ entry }) => entry)).toEqual([
    ...numbers('1.6', 14),
    ...numbers('2.8', 18),
    ...numbers('3.7', 14),
  ]);
});

test.each(defects.filter((defect) => 'title' in defect))('$entry: $fault', async ({ file, title }) => {
  const text = await readFile(new URL(file, root), 'utf8');
  const written = [`test('${title}'`, `it('${title}'`, `    '${title} (%s)'`];
  expect(written.filter((start) => text.includes(start))).toHaveLength(1);
});
