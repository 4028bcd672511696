import { expect, test } from 'vitest';
import type { CopiedItem } from '../compose/copy.ts';
import { TranshipError } from '../oci/errors.ts';
import { copyFailureLines } from './copy-failures.ts';

function failed(tag: string, code: `E_${string}` = 'E_BLOB_UNKNOWN', host = 'old.example.com'): CopiedItem {
  const error = new TranshipError(code, 'failed', 'A blob is missing.', { side: 'source', hint: 'Push it again.' });
  const [source, destination] = [`${host}/app:${tag}`, `new.example.com/app:${tag}`];
  return { source, destination, outcome: { ok: false, error } } as unknown as CopiedItem;
}

const linesOf = (items: readonly CopiedItem[]) => copyFailureLines(items, (_, text) => text);

test('one failure is told with the reference that was copied', () => {
  expect(linesOf([failed('v1')])).toEqual([
    '✖ source old.example.com/app:v1 — A blob is missing. (E_BLOB_UNKNOWN)',
    '  → Push it again.',
  ]);
});

test('a digest that failed is told with the tag that it was copied for', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  for (const subject of [digest, `old.example.com/app@${digest}`]) {
    const error = new TranshipError('E_JSON', 'failed', 'It is not JSON.', { side: 'source', subject });
    const [first] = linesOf([{ ...failed('v1'), outcome: { ok: false, id: '', error } }]);
    expect(first).toBe(`✖ source old.example.com/app:v1 (${digest}) — It is not JSON. (E_JSON)`);
  }
});

test('what many tags fail of is told once, with some of them', () => {
  expect(linesOf(Array.from({ length: 300 }, (_, at) => failed(`v${at}`)))).toEqual([
    '✖ source old.example.com — A blob is missing. (E_BLOB_UNKNOWN)',
    ...[0, 1, 2, 3, 4, 5].map((at) => `    old.example.com/app:v${at}`),
    '    … and 294 more',
    '  → Push it again.',
  ]);
});

test('other causes and other registries are told apart', () => {
  const lines = linesOf([
    failed('v1'),
    failed('v2', 'E_DIGEST_MISMATCH'),
    failed('v3', 'E_BLOB_UNKNOWN', 'b.example.com'),
  ]);
  expect(lines.filter((line) => line.startsWith('✖'))).toHaveLength(3);
});
