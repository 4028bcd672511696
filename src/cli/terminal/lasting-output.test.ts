import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { startEmbedded } from '../../../test/kit/embedded.ts';
import { pushSample } from '../../../test/kit/push-sample.ts';
import { LastingOutput } from './lasting-output.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

test('a stream that fails is written to no more, and says so', async () => {
  const { output, written, fail } = failing('ENOSPC');
  output.write('one');
  fail();
  output.write('two');
  await new Promise(setImmediate);
  expect([output.isLost, output.write('three')]).toEqual([true, true]);
  expect(written).toEqual(['one']);
  expect(await output.settled()).toMatchObject({ code: 'ENOSPC' });
});

test('a reader that went away is no fault', async () => {
  const { output, fail } = failing('EPIPE');
  fail();
  output.write('one');
  expect(await output.settled()).toBeUndefined();
  expect(output.isLost).toBe(true);
});

test('a failure that shows only while the last piece is written is told', async () => {
  const { output, fail } = failing('EIO');
  fail();
  output.write('one');
  expect(await output.settled()).toMatchObject({ code: 'EIO' });
});

test('who waits for a full stream goes on when it fails', async () => {
  const { output, fail } = failing('ENOSPC', 1);
  fail();
  const drained = new Promise<void>((resolve) => {
    expect(output.write('more than fits')).toBe(false);
    output.once('drain', resolve);
  });
  await drained;
  expect(output.isLost).toBe(true);
});

test('who waits for a full stream goes on when it has room again', async () => {
  const { output, written } = failing('ENOSPC', 1);
  expect(output.write('more than fits')).toBe(false);
  await new Promise<void>((resolve) => output.once('drain', resolve));
  expect(written).toEqual(['more than fits']);
});

test('a copy goes on to its end when nobody reads its progress any more', async () => {
  await using registry = await startEmbedded();
  await using folder = await scratch();
  for (const tag of ['1', '2', '3', '4']) await pushSample(registry, 'app', tag, undefined);
  const layout = `oci:${join(folder.path, 'to')}`;
  const child = spawn(process.execPath, [
    main,
    'copy',
    '-a',
    '-j',
    '1',
    '--progress',
    'json',
    `${registry.host}/app`,
    layout,
  ]);
  child.stderr.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect((await tranship(['tags', layout])).stdout).toBe('1\n2\n3\n4\n');
});

test.skipIf(process.platform !== 'linux')(
  'a full disk behind standard output is an error and not a crash',
  async () => {
    const child = spawn(process.execPath, [main, 'version'], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
    const ended = once(child, 'exit');
    const said = (await child.stderr?.toArray())?.join('');
    expect(await ended).toEqual([1, null]);
    expect(said).toMatch(/^✖ The answer could not be written: ENOSPC[^\n]* \(E_STDOUT\)\n {2}→ [^\n]*\n$/);
  },
);

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tranship-output-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A stream that takes what it gets until it is told to fail. */
function failing(code: string, highWaterMark = 1024) {
  const written: string[] = [];
  let broken = false;
  const stream = new Writable({
    highWaterMark,
    decodeStrings: false,
    autoDestroy: false,
    write(chunk, _encoding, done) {
      if (broken) return done(Object.assign(new Error(code), { code }));
      written.push(`${chunk}`);
      setImmediate(done);
    },
  });
  const output = new LastingOutput(Object.assign(stream, { isTTY: false, columns: 80 }) as never);
  return { output, written, fail: () => void (broken = true) };
}
