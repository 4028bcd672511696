import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { errorCatalogue } from './catalogue.ts';
import { errorReference } from './reference.ts';
import { warnings } from './warnings.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the catalogue of errors', () => {
  test('has every code that the source can throw', () => {
    const missing = [...codesInSource('E')].filter(([code]) => !errorCatalogue.has(code));
    expect(missing.map(([code, file]) => `${code} (${file})`)).toEqual([]);
  });

  test('has no code that nothing throws', () => {
    const used = codesInSource('E');
    const unused = [...errorCatalogue.keys()].filter((code) => !used.has(code));
    expect(unused).toEqual([]);
  });

  test('has every warning, and none that nothing says', () => {
    expect(Object.keys(warnings).toSorted()).toEqual([...codesInSource('W').keys()].toSorted());
  });

  test('says of each what it means in a line, and what to do in a sentence', () => {
    for (const [code, { meaning, action, failure }] of errorCatalogue) {
      expect(meaning, code).not.toMatch(/[.\n]$/);
      expect(action, code).toMatch(/[.)!-]$/);
      expect(failure.length, code).toBeGreaterThan(0);
    }
  });

  test('is the published reference, word for word', async () => {
    await expect(errorReference()).toMatchFileSnapshot(join(root, 'docs/reference/errors.md'));
  });
});

/** Code to the file where it stands, outside of tests and of the catalogue itself. */
function codesInSource(kind: 'E' | 'W'): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  for (const file of files) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.startsWith('cli/errors/')) continue;
    const text = readFileSync(join(root, 'src', file), 'utf8');
    for (const [, code] of text.matchAll(new RegExp(`['"\`](${kind}_[A-Z0-9_]+)['"\`]`, 'g')))
      if (code !== undefined) found.set(code, file);
  }
  return found;
}
