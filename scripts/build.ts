/**
 * Builds `dist/`: the library as plain compiler output, and the program as one bundle with lazy chunks, because loading
 * few files is what makes a command start quickly.
 *
 *   node scripts/build.ts [--if-stale] [--bundle]
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const launcher = join(dist, 'bin', 'tranship.cjs');
const library = join(dist, 'src', 'index.js');
const inputs = ['src', 'test/kit', 'scripts/build.ts', 'package.json', 'package-lock.json', 'tsconfig.build.json'];

async function main(flags: ReadonlySet<string>): Promise<void> {
  const bundleOnly = flags.has('--bundle');
  const mayKeep = flags.has('--if-stale');
  if (!(mayKeep && isFresh(launcher))) await buildProgram();
  if (!bundleOnly && !(mayKeep && isFresh(library))) buildLibrary();
}

function buildLibrary(): void {
  rmSync(join(dist, 'src'), { recursive: true, force: true });
  rmSync(join(dist, 'test'), { recursive: true, force: true });
  const done = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/**
 * Commander can start programs as its subcommands, which tranship has none of, and loads what it needs for that at every
 * start: a tenth of what `--version` costs.
 */
const withoutSubprograms: Plugin = {
  name: 'without-subprograms',
  resolveId: (id, importer) =>
    id === 'node:child_process' && importer?.includes('/commander/') ? '\0no-subprograms' : undefined,
  load: (id) => (id === '\0no-subprograms' ? 'module.exports = {};' : undefined),
};

/** Built beside the old program and then put in its place, so a running test never meets half of one. */
async function buildProgram(): Promise<void> {
  const fresh = join(dist, `bin.${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    const bundle = await rolldown({
      input: join(root, 'src/main.ts'),
      platform: 'node',
      cwd: root,
      plugins: [withoutSubprograms],
    });
    await bundle.write({
      dir: fresh,
      format: 'cjs',
      entryFileNames: 'main.cjs',
      chunkFileNames: 'chunks/[name]-[hash].cjs',
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    });
    await bundle.close();
    writeFileSync(join(fresh, 'tranship.cjs'), launcherText());
    chmodSync(join(fresh, 'tranship.cjs'), 0o755);
    rmSync(join(dist, 'bin'), { recursive: true, force: true });
    renameSync(fresh, join(dist, 'bin'));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * The file that users start. It is understood by every Node that can be met, so that an old one gets a sentence instead
 * of a syntax error, and it turns the compile cache on before anything large is loaded.
 */
function launcherText(): string {
  return `#!/usr/bin/env node
'use strict';
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write('tranship needs Node 24 or newer; this is ' + process.versions.node + '.\\n');
  process.exit(2);
}
// A smaller nursery, and an old space that is collected when it doubled, not when it is four times what it was: what a run
// makes is short-lived, and by default most of its memory is garbage that waits. The nursery's limit cannot be set in a
// running V8, but how it grows can: once, to 4 MB.
const v8 = require('node:v8');
v8.setFlagsFromString('--semi-space-growth-factor=4');
v8.setFlagsFromString('--heap-growing-percent=100');
setTimeout(() => v8.setFlagsFromString('--semi-space-growth-factor=1'), 100).unref();
require('node:module').enableCompileCache();
require('./main.cjs');
`;
}

function isFresh(output: string): boolean {
  if (!existsSync(output)) return false;
  const built = statSync(output).mtimeMs;
  return inputs.every((input) => newest(join(root, input)) <= built);
}

/** The last change of anything in a folder, the folders' own included, so that a deleted file counts too. */
function newest(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

await main(new Set(process.argv.slice(2)));
