import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Identity {
  /** A certificate for these names (`DNS:a.example.com`, `IP:127.0.0.1`). `days`: negative means expired. */
  issue(names: readonly string[], days?: number): Identity;
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority of a test's own, made with the `openssl` program. */
export function makeAuthority(): Authority {
  const self = inFolder((folder) => {
    const subject = ['-subj', '/CN=tranship test authority', '-days', '30'];
    openssl(['req', '-x509', ...curve, ...subject, '-keyout', join(folder, 'key'), '-out', join(folder, 'cert')]);
    return read(folder);
  });
  return { ...self, issue: (names, days = 30) => issue(self, names, days) };
}

function issue(authority: Identity, names: readonly string[], days: number): Identity {
  return inFolder((folder) => {
    writeFileSync(join(folder, 'ca'), authority.cert);
    writeFileSync(join(folder, 'ca-key'), authority.key, { mode: 0o600 });
    const request = ['req', ...curve, '-subj', '/CN=tranship test', '-addext', `subjectAltName=${names.join(',')}`];
    openssl([...request, '-keyout', join(folder, 'key'), '-out', join(folder, 'request')]);
    const from = ['-in', join(folder, 'request'), '-CA', join(folder, 'ca'), '-CAkey', join(folder, 'ca-key')];
    const as = ['-days', String(days), '-copy_extensions', 'copy', '-out', join(folder, 'cert')];
    openssl(['x509', '-req', ...from, ...as]);
    return read(folder);
  });
}

function inFolder<T>(act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tranship-certificates-'));
  try {
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(folder: string): Identity {
  return { cert: readFileSync(join(folder, 'cert'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') };
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', [...args], { stdio: 'pipe' });
}
