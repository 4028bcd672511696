import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { pushSample } from '../../test/kit/push-sample.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const env = { REGISTRY_USER: 'testuser', REGISTRY_PASSWORD: 'testpassword' };

/** The script on free ports; the addresses as its registries tell them. */
async function startRegistries(): Promise<{ urls: readonly string[] } & AsyncDisposable> {
  const child: ChildProcess = spawn('sh', ['start.sh'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env, PORTS: '0 0 0 0', TRANSHIP: `${process.execPath} ${main}` },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let text = '';
  const urls = await new Promise<readonly string[]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the script ended with ${code}`)));
    child.stdout?.on('data', (more: Buffer) => {
      text += more.toString();
      const lines = text.split('\n').slice(0, -1);
      if (lines.length === 4) resolve(lines);
    });
  });
  return {
    urls,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('close', resolve));
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await gone;
    },
  };
}

test('the registries of the example start with one command, and the file runs against them', async () => {
  await using registries = await startRegistries();
  await using work = await tempFolder();
  const [hub = ''] = registries.urls;
  const login = { name: env.REGISTRY_USER, password: env.REGISTRY_PASSWORD };
  for (const tag of ['0.0.1', '1.0.0', '2.0.0']) await pushSample({ url: hub }, 'example/sleeper', tag, login);
  const text = await readFile(join(folder, 'sync-cfg.yaml'), 'utf8');
  const file = join(work.path, 'sync-cfg.yaml');
  const hosts = registries.urls.map((url) => new URL(url).host);
  await writeFile(
    file,
    text.replace(/127\.0\.0\.1:510(\d)/g, (_, index: string) => hosts[Number(index)] ?? ''),
  );

  const synced = await tranship(['sync', '-c', file], { env });
  expect(synced.code, synced.stderr).toBe(0);
  const again = await tranship(['compat', 'run-reposync', '-c', file], { env });
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toContain('Run statistics: total=7, copied=0, same-digest=7, failed=0');
}, 60_000);
