import { globSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { breach, importsOf, roomOf, walls } from './walls.ts';

const source = new URL('../../src/', import.meta.url);

describe('the walls between the rooms', () => {
  test('every import of the source goes through a door', () => {
    const files = globSync('**/*.ts', { cwd: source.pathname }).filter((file) => !file.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(5);
    const breaches = files
      .flatMap((file) => importsOf(file, readFileSync(new URL(file, source), 'utf8')))
      .map(breach)
      .filter((found) => found !== undefined);
    expect(breaches).toEqual([]);
  });

  test('an edge that takes values from the plan is caught, one that takes its types is not', () => {
    const value = importsOf('registry/tags.ts', `import { cost } from '../plan/cost.ts';`);
    const type = importsOf('registry/tags.ts', `import type { Plan } from '../plan/plan.ts';`);
    expect(value.map(breach)).toEqual([expect.stringContaining('more than types of "plan"')]);
    expect(type.map(breach)).toEqual([undefined]);
  });

  test('an edge that leans on another edge is caught, the server on the layout is not', () => {
    expect(breach({ from: 'quay/client.ts', specifier: '../registry/tags.ts', typeOnly: true })).toContain(
      '"registry"',
    );
    expect(breach({ from: 'server/blobs.ts', specifier: '../layout/store.ts', typeOnly: false })).toBeUndefined();
  });

  test.each(['node:fs', 'node:fs/promises', 'fs', 'node:http', 'node:net', 'node:tls', 'node:child_process'])(
    'a core room that loads %s is caught',
    (specifier) => {
      expect(breach({ from: 'plan/plan.ts', specifier, typeOnly: false })).toContain('no input or output');
      expect(breach({ from: 'layout/store.ts', specifier, typeOnly: false })).toBeUndefined();
    },
  );

  test('a lazy import, a re-export and an import over several lines are seen', () => {
    const text = [
      `export * from '../cli/a.ts';`,
      `import {\n  one,\n  two,\n} from '../cli/b.ts';`,
      `const late = await import('../cli/c.ts');`,
      `import '../cli/d.ts';`,
      `// import '../cli/not.ts'`,
    ].join('\n');
    const found = importsOf('oci/digest.ts', text);
    expect(found.map((each) => each.specifier).sort()).toEqual(['a', 'b', 'c', 'd'].map((name) => `../cli/${name}.ts`));
    expect(found.every((each) => breach(each) !== undefined)).toBe(true);
  });

  test('the source never reaches out to the tests, and no room is without a wall', () => {
    expect(breach({ from: 'registry/a.ts', specifier: '../../test/kit/x.ts', typeOnly: true })).toContain(
      'outside of src',
    );
    expect(breach({ from: 'novelty/a.ts', specifier: '../kit/x.ts', typeOnly: false })).toContain('has no entry');
  });

  test('no wall stands without a room', () => {
    const rooms = readdirSync(source).map(roomOf);
    expect(Object.keys(walls).filter((room) => !rooms.includes(room))).toEqual([]);
  });
});
