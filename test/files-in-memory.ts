import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const memory = '/dev/shm';

/** Several times what the tests have there at one time: 35 MiB. */
const enough = 256 * 1024 ** 2;

let folder: string | undefined;

/**
 * Lays the tests' temporary files into memory where the system has a file system for that. Registries and layouts wait for
 * the disk after each file, as they must, and a test can learn nothing from that wait; it was half of the time.
 */
export function setup(): void {
  if (process.env['TMPDIR'] !== undefined) return;
  folder = folderInMemory();
  if (folder !== undefined) process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

function folderInMemory(): string | undefined {
  let made: string | undefined;
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (bavail * bsize < enough) return undefined;
    made = mkdtempSync(join(memory, 'tranship-tests-'));
    if (runsPrograms(made)) return made;
  } catch {
    // Only Linux has it, and not every container may write there.
  }
  if (made !== undefined) rmSync(made, { recursive: true, force: true });
  return undefined;
}

/** Tests bring little programs of their own, which containers often forbid in memory. */
function runsPrograms(where: string): boolean {
  const program = join(where, 'program');
  writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return spawnSync(program).status === 0;
}
