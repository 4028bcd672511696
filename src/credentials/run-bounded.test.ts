import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type ChildCall, runBounded } from './run-bounded.ts';
import { readSecretRef } from './secret-ref.ts';

const path = { PATH: process.env['PATH'] };

function shell(script: string, more: Partial<ChildCall> = {}) {
  return runBounded({
    argv: ['sh', '-c', script],
    input: '',
    env: path,
    timeoutMs: 10_000,
    outputLimit: 1000,
    ...more,
  });
}

describe('a program that is run for a secret', () => {
  test('gets its input on standard input, and what it says and how it ends come back', async () => {
    const done = await shell('read line; echo "got $line"; echo why >&2; exit 3', { input: 'a secret\n' });
    expect(done).toEqual({ kind: 'exited', code: 3, stdout: 'got a secret\n', stderr: 'why\n' });
  });

  test('may end without reading its input', async () => {
    const done = await shell('exit 0', { input: 'x'.repeat(1_000_000) });
    expect(done).toMatchObject({ kind: 'exited', code: 0 });
  });

  test('sees of our environment what such programs need, and no password', async () => {
    const env = { ...path, AWS_PROFILE: 'ops', OFFICE_PASSWORD: 'canary', TRANSHIP_TOKEN_X: 'canary', HOME: undefined };
    const done = await shell('env', { env });
    expect(done).toMatchObject({ stdout: expect.stringContaining('AWS_PROFILE=ops') });
    expect(JSON.stringify(done)).not.toContain('canary');
  });

  test('is ended when it takes too long, with what it started still holding its output', async () => {
    const began = performance.now();
    expect(await shell('sleep 3 & sleep 3', { timeoutMs: 50 })).toEqual({ kind: 'timed-out' });
    expect(performance.now() - began).toBeLessThan(2500);
  });

  test('is ended when it says more than a secret has, on either stream', async () => {
    const endless = 'while :; do echo 0123456789; done';
    expect(await shell(endless)).toEqual({ kind: 'too-much' });
    expect(await shell(`{ ${endless}; } >&2`)).toEqual({ kind: 'too-much' });
  });

  test('that was killed from outside has failed', async () => {
    expect(await shell('echo half; kill -9 $$')).toMatchObject({ kind: 'exited', code: 1 });
  });

  test('that is no program is told from one that fails', async () => {
    expect(await shell('', { argv: ['/nowhere/helper'] })).toEqual({ kind: 'not-found' });
    expect(await shell('', { argv: [tmpdir()] })).toEqual({ kind: 'not-found' });
  });

  test('is ended when the run is stopped', async () => {
    const stop = new AbortController();
    const running = shell('sleep 30', { signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('does not keep a stopped run from ending, whatever it started still runs', async () => {
    const script = `
      import { runBounded } from ${JSON.stringify(new URL('run-bounded.ts', import.meta.url).href)};
      const argv = ['sh', '-c', 'trap "" TERM; sleep 20 & sleep 20'];
      const call = { argv, input: '', env: process.env, timeoutMs: 15_000, outputLimit: 9 };
      await runBounded({ ...call, signal: AbortSignal.timeout(200) }).catch(({ name }) => console.log(name));`;
    const ended = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 10_000,
    });
    expect(ended.stdout).toBe('AbortError\n');
  });
});

describe('a secret that is not to be had', () => {
  test.each([
    [['sh', '-c', 'echo canary; echo canary >&2; exit 7'], 'ended with exit code 7'],
    [['yes', 'canary'], 'gave more than 64 KiB'],
    [['sleep', '30'], 'did not end in time'],
  ])('from %j says so, and nothing of what the program said', async (command, words) => {
    const error = await readSecretRef({ command }, { env: path, timeoutMs: 300 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_SECRET', failure: 'usage', message: expect.stringContaining(words) });
    expect(JSON.stringify(error) + String(error)).not.toContain('canary');
  });

  test('from a file that is too large says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tranship-secret-'));
    try {
      const file = join(folder, 'secret');
      await writeFile(file, 'x'.repeat(64 * 1024 + 1));
      await expect(readSecretRef({ file }, { env: {} })).rejects.toMatchObject({
        code: 'E_SECRET',
        message: expect.stringContaining('is larger than 64 KiB'),
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
