/** Names with versions, as the page lists them. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { projectVersion } from '../test/e2e/kit/servers.ts';
import { pinnedVersion, tool } from '../test/e2e/kit/tools.ts';

export const transhipVersion = (): string => `tranship ${projectVersion} on Node ${process.versions.node}`;

export const pinned =
  (name: string): (() => string) =>
  () =>
    `${name} ${pinnedVersion(name)}`;

export function skopeoVersion(): string {
  return execFileSync(tool('skopeo'), ['--version'], { encoding: 'utf8' }).trim().replace(' version', '');
}

/** It remembers in which repository a blob is, and mounts it from there. */
export function forgetSkopeo(): void {
  rmSync('/var/lib/containers/cache/blob-info-cache-v1.boltdb', { force: true });
}
