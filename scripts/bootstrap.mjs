/**
 * Makes a bare clone ready to work in: installs what the lock file names, and Node 24 with it, whatever Node the system
 * has. Costs a few milliseconds when there is nothing to do.
 *
 * This file and run.mjs are the only ones that the system's own Node has to understand, so they are plain JavaScript.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const wantedMajor = 24;
const binaries = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.tranship-installed');

/** The environment in which the project's own Node and tools come first. */
export function projectEnvironment(base = process.env) {
  return { ...base, PATH: `${binaries}${delimiter}${base.PATH ?? ''}` };
}

/** Installs if the lock file is not the one that was installed last. Throws with a sentence for the user. */
export function bootstrap() {
  if (installedLock() === lockDigest() && nodeMajor() === wantedMajor) return;
  console.error('tranship: installing dependencies and Node 24 (once; needs npm) …');
  rmSync(stamp, { force: true });
  // Not `npm ci`: it refuses a lock file whose optional packages for other platforms the registry at hand does not carry.
  // Versions and integrity come from the lock file all the same. No package's install script runs, save the one that
  // fetches the Node binary.
  npm('install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  npm('rebuild', 'node', '--loglevel=error');
  const found = nodeMajor();
  if (found !== wantedMajor) {
    throw new Error(
      `Node ${wantedMajor} was not installed by the devDependency "node" (found ${found ?? 'none'}). ` +
        'Is npm set to ignore-scripts? Then run: npm rebuild node --ignore-scripts=false',
    );
  }
  writeFileSync(stamp, lockDigest());
}

function installedLock() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function nodeMajor() {
  const node = join(binaries, 'node');
  if (!existsSync(node)) return undefined;
  const asked = spawnSync(node, ['--print', 'process.versions.node'], { encoding: 'utf8' });
  return asked.status === 0 ? Number.parseInt(asked.stdout, 10) : undefined;
}

function npm(...args) {
  const done = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: installEnvironment(),
  });
  if (done.error) throw new Error(`npm could not be started: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`npm ${args[0]} failed`);
}

// A script of this project is itself started by npm, whose settings for that run must not leak into the install.
function installEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(config|lifecycle|package)_/.test(name));
  return { ...Object.fromEntries(kept), npm_config_ignore_scripts: undefined };
}
