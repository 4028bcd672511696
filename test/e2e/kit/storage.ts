import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where servers of tests keep their content: in memory where the system offers it, which spares the disk gigabytes. */
export const storageRoot = process.env.TRANSHIP_E2E_STORAGE ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/** A folder that goes away with the scope that asked for it. */
export function temporaryFolder(name: string, root = tmpdir()): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(root, `tranship-${name}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
