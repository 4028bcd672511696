/** What npm would publish, as somebody has it who depends on it: complete, typed to the last name, and startable. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from './kit/storage.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = temporaryFolder('package');
const installed = join(project.path, 'node_modules', 'tranship');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: project.path, encoding: 'utf8' });

/** Only what the package asks for is there beside it. */
beforeAll(() => {
  run('npm', 'pack', root, '--silent', '--pack-destination', project.path);
  const [archive = ''] = readdirSync(project.path).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(project.path, 'package.json'), '{ "private": true }');
  mkdirSync(installed, { recursive: true });
  run('tar', '-xzf', archive, '-C', installed, '--strip-components=1');
  for (const name of Object.keys(dependencies)) {
    const link = join(project.path, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
});
afterAll(() => project[Symbol.dispose]());

test('a strict compiler takes its declarations, and Node its modules', () => {
  const program = `
    import { copy, openRegistry, type Registry, serve } from 'tranship';
    import { makeCorpus } from 'tranship/testing';
    const all: readonly Function[] = [copy, openRegistry, serve, makeCorpus];
    export const open = (registry: Registry): string => registry.host;
    console.log(all.every((one) => typeof one === 'function'));
  `;
  writeFileSync(join(project.path, 'uses.mts'), program);
  const strict = ['--module', 'nodenext', '--strict', '--noEmit', '--skipLibCheck', 'false'];
  expect(run(join(root, 'node_modules', '.bin', 'tsc'), ...strict, 'uses.mts')).toBe('');
  expect(run(process.execPath, 'uses.mts')).toBe('true\n');
});

test('its program starts', () => {
  const [first] = run(process.execPath, join(installed, 'dist', 'bin', 'tranship.cjs'), '--version').split('\n');
  expect(first).toMatch(/^tranship \d+\.\d+\.\d+$/);
});
