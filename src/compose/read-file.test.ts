import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What the program makes of a text on its standard input. */
function validated(input: string) {
  const argv = ['src/main.ts', 'config', 'validate', '-c', '-'];
  return spawnSync(process.execPath, argv, { input, encoding: 'utf8' });
}

test('a configuration can be piped in', () => {
  const file = {
    version: 1,
    registries: { a: { url: 'a.example.com' } },
    stages: [{ from: { registry: 'a', repository: 'x' }, to: [{ registry: 'a', repository: 'y' }] }],
  };
  expect(validated(JSON.stringify(file))).toMatchObject({ status: 0, stdout: expect.stringContaining('no mistakes') });
});

test('more than any configuration is read no further', () => {
  const { status, stderr } = validated('# a comment\n'.repeat(200_000));
  expect(status).toBe(2);
  expect(stderr).toContain('larger than 1 MiB');
});
