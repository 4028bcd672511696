import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PruneJournal } from '../plan/prune.ts';
import { fileNameOf } from './files.ts';
import { stateFolder } from './folder.ts';
import { openJournals } from './prune-journals.ts';
import { lockRun } from './run-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const digest = `sha256:${'a'.repeat(64)}`;

describe('the lock of a run', () => {
  const path = (subject: string) => join(folder, 'locks', `${fileNameOf(subject)}.lock`);
  const leave = async (subject: string, owner: unknown) => {
    await mkdir(join(folder, 'locks'), { recursive: true });
    await writeFile(path(subject), typeof owner === 'string' ? owner : JSON.stringify(owner));
  };

  it('keeps a second run away until the first is over', async () => {
    const first = await lockRun(folder, 'a');
    await expect(lockRun(folder, 'a')).rejects.toMatchObject({ code: 'E_LOCKED', failure: 'temporary' });
    const waiting = lockRun(folder, 'a', { waitMs: 10_000 });
    await first[Symbol.asyncDispose]();
    await (await waiting)[Symbol.asyncDispose]();
    expect(await readdir(join(folder, 'locks'))).toEqual([]);
  });

  it('does not concern other configurations', async () => {
    await using _one = await lockRun(folder, 'a');
    await using _other = await lockRun(folder, 'b');
    expect(await readdir(join(folder, 'locks'))).toHaveLength(2);
  });

  /** What a run of this process writes down of itself. */
  const ownMark = async (): Promise<object> => {
    await using _lock = await lockRun(folder, 'of its own');
    return JSON.parse(await readFile(path('of its own'), 'utf8')) as object;
  };

  it('is taken over from a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'close');
    await leave('a', { ...(await ownMark()), pid: child.pid });
    await using _lock = await lockRun(folder, 'a');
  });

  it('is taken over from a process whose number another one has by now', async () => {
    await leave('a', { ...(await ownMark()), began: '1' });
    await using _lock = await lockRun(folder, 'a');
  });

  it('is kept by a process that lives', async () => {
    await leave('a', await ownMark());
    await expect(lockRun(folder, 'a')).rejects.toMatchObject({ code: 'E_LOCKED' });
  });

  it('is taken over when the machine was started anew, though a process has the number again', async () => {
    await leave('a', { host: hostname(), boot: 'another boot', pid: process.pid, began: '1' });
    await using _lock = await lockRun(folder, 'a');
  });

  it('of another machine is left alone: nobody here can tell whether it lives', async () => {
    await leave('a', { host: 'elsewhere', boot: 'x', pid: 1, began: '1' });
    await expect(lockRun(folder, 'a')).rejects.toMatchObject({ code: 'E_LOCKED' });
  });

  it('that is being written just now is not taken for abandoned', async () => {
    await leave('a', '');
    await expect(lockRun(folder, 'a')).rejects.toMatchObject({ code: 'E_LOCKED' });
  });

  it('is held by one of many who find it abandoned', async () => {
    await leave('a', { host: hostname(), boot: 'another boot', pid: 1, began: '1' });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder, 'a', { waitMs: 300 })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('that somebody took over from a suspended run is not removed when that run ends', async () => {
    const lock = await lockRun(folder, 'a');
    const other = JSON.stringify({ host: 'elsewhere', boot: 'x', pid: 1, began: '1' });
    await leave('a', other);
    await lock[Symbol.asyncDispose]();
    expect(await readFile(path('a'), 'utf8')).toBe(other);
  });

  it('is taken over although a run was killed in the middle of taking it over, once that is long ago', async () => {
    await leave('a', { host: hostname(), boot: 'another boot', pid: 1, began: '1' });
    const guard = `${path('a')}.guard`;
    await writeFile(guard, '');
    await expect(lockRun(folder, 'a')).rejects.toMatchObject({ code: 'E_LOCKED' });
    await utimes(guard, 1, 1);
    await using _lock = await lockRun(folder, 'a', { waitMs: 5000 });
    expect(await readdir(join(folder, 'locks'))).toHaveLength(1);
  });

  it('stops waiting when the run is stopped', async () => {
    await using _lock = await lockRun(folder, 'a');
    const stop = new AbortController();
    const waiting = lockRun(folder, 'a', { waitMs: 60_000, signal: stop.signal });
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('where nothing can be kept', () => {
  it('says so where a folder can hold nothing', async () => {
    await writeFile(join(folder, 'file'), '');
    for (const place of [join(folder, 'file'), '/proc/tranship'])
      await expect(lockRun(place, 'a')).rejects.toMatchObject({ code: 'E_STATE' });
  }, 5_000);

  it('says so where an abandoned lock cannot be removed', async () => {
    await mkdir(join(folder, 'locks', `${fileNameOf('a')}.lock`), { recursive: true });
    await expect(lockRun(folder, 'a')).rejects.toMatchObject({ code: 'E_STATE' });
  });
});

describe('the journal of listings', () => {
  const journal = {
    held: { v1: { tag: 'v1', digest } },
    gone: { v0: { tag: 'v0', digest, since: 1000 } },
  } as unknown as PruneJournal;

  it('gives back what was written, to the same configuration and pair alone', async () => {
    await openJournals(folder, 'one.yaml').write('s a → b', journal);
    expect(await openJournals(folder, 'one.yaml').read('s a → b')).toEqual(journal);
    expect(await openJournals(folder, 'one.yaml').read('s a → c')).toEqual({ held: {}, gone: {} });
    expect(await openJournals(folder, 'two.yaml').read('s a → b')).toEqual({ held: {}, gone: {} });
  });

  it.each(['', '{', '[]', '{"version":2}', 'null'])('that is damaged (%j) is none', async (text) => {
    const journals = openJournals(folder, 'c');
    await journals.write('p', journal);
    const [name = ''] = await readdir(join(folder, 'listings'));
    await writeFile(join(folder, 'listings', name), text);
    expect(await journals.read('p')).toEqual({ held: {}, gone: {} });
  });

  it('leaves out an entry that is none, which only keeps a tag longer', async () => {
    const journals = openJournals(folder, 'c');
    await journals.write('p', journal);
    const [name = ''] = await readdir(join(folder, 'listings'));
    const odd = {
      version: 1,
      pair: 'p',
      held: { v1: { tag: 'v1', digest: 'md5:1' } },
      gone: { v0: { tag: 'v0', digest } },
    };
    await writeFile(join(folder, 'listings', name), JSON.stringify(odd));
    expect(await journals.read('p')).toEqual({ held: {}, gone: {} });
  });
});

it.each([
  [{ env: { XDG_STATE_HOME: '/x' }, home: '/h', platform: 'linux' as const }, '/x/tranship'],
  [{ env: {}, home: '/h', platform: 'linux' as const }, '/h/.local/state/tranship'],
  [{ env: {}, home: '/h', platform: 'darwin' as const }, '/h/Library/Application Support/tranship'],
])('the folder follows the custom of the system', (surroundings, expected) => {
  expect(stateFolder(surroundings)).toBe(expected);
});
