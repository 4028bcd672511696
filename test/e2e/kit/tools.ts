/** Where the programs are that the end-to-end tests run: tranship as built, and what scripts/install-servers.sh brought. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const transhipProgram = join(root, 'dist', 'bin', 'tranship.cjs');

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const tools = process.env.TRANSHIP_TOOLS ?? join(cache, 'tranship-ci');

/** Programs from Debian's packages, by our name for them. */
const debian: Readonly<Record<string, string>> = {
  'docker-registry': '/usr/bin/docker-registry',
  skopeo: '/usr/bin/skopeo',
  busybox: '/bin/busybox',
  umoci: '/usr/bin/umoci',
  openssl: '/usr/bin/openssl',
  time: '/usr/bin/time',
};

/** The path of a program. A missing one is a failure, never a skipped test. */
export function tool(name: string): string {
  const path = debian[name] ?? join(tools, 'bin', name);
  if (existsSync(path)) return path;
  throw new Error(`${name} is not at ${path}: run scripts/install-servers.sh`);
}

/** The version that the install script pinned; empty for Debian's programs. */
export function pinnedVersion(name: string): string {
  const file = join(tools, 'bin', `${name}.version`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
