import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `tranship --help` is typed often and loads only what stands in static imports below main.ts. */
test('what is loaded before a command is known is the table and the parser', () => {
  const { files, packages } = staticImports(join(root, 'src/main.ts'));
  expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual(['commander']);
  const rooms = new Set([...files].map((file) => file.slice(root.length).split('/')[1]));
  expect([...rooms].toSorted()).toEqual(['cli', 'kit', 'main.ts', 'oci']);
  expect([...files].filter((file) => file.includes('/commands/'))).toEqual([]);
  expect(files.size).toBeLessThan(30);
});

test('the look for static imports finds something', () => {
  expect(staticImports(join(root, 'src/registry/registry.ts')).packages).toContain('node:timers/promises');
});

function staticImports(entry: string) {
  const files = new Set<string>();
  const packages = new Set<string>();
  const queue = [entry];
  for (const file of queue) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, clause = '', specifier = ''] of text.matchAll(/^(?:import|export) ([^;]*?)from '([^']+)';/gms)) {
      if (isErased(clause)) continue;
      if (specifier.startsWith('.')) queue.push(join(dirname(file), specifier));
      else packages.add(specifier);
    }
  }
  return { files, packages };
}

/** Types only: nothing is loaded for them. */
function isErased(clause: string): boolean {
  if (clause.startsWith('type ')) return true;
  const names = /^\{([^}]*)\}/
    .exec(clause)?.[1]
    ?.split(',')
    .map((name) => name.trim());
  return names !== undefined && names.filter((name) => name !== '').every((name) => name.startsWith('type '));
}
