import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { lockFolder } from './lock.ts';
import { describeOwner } from './owner.ts';

const name = '.tranship-lock';

describe('the lock of a folder', () => {
  test('is held by one at a time', async () => {
    await using folder = await tempFolder();
    let inside = 0;
    const enter = async () => {
      await using _lock = await lockFolder(folder.path);
      expect(++inside).toBe(1);
      await new Promise((done) => setImmediate(done));
      inside--;
    };
    await Promise.all(Array.from({ length: 10 }, enter));
    expect(await folder.files()).toEqual([]);
  });

  test('that stays held is an error which names the holder', async () => {
    await using folder = await tempFolder();
    await using _held = await lockFolder(folder.path);
    await expect(lockFolder(folder.path, { waitMs: 30 })).rejects.toMatchObject({
      code: 'E_LOCKED',
      failure: 'temporary',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
    });
  });

  test('can be waited for no longer than the caller wants', async () => {
    await using folder = await tempFolder();
    await using _held = await lockFolder(folder.path);
    const stop = new AbortController();
    const waiting = lockFolder(folder.path, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('of a process that was killed is taken over', async () => {
    await using folder = await tempFolder();
    const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
      await lockFolder(${JSON.stringify(folder.path)}); console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(lockFolder(folder.path, { waitMs: 30 })).rejects.toMatchObject({ code: 'E_LOCKED' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using _lock = await lockFolder(folder.path, { waitMs: 0 });
    expect(await readFile(join(folder.path, name), 'utf8')).toContain(`"pid":${process.pid}`);
  });

  test('of a dead process is taken over by one of many that want it', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, name), JSON.stringify({ ...(await describeOwner()), pid: 999_999_999 }));
    let inside = 0;
    const enter = async () => {
      await using _lock = await lockFolder(folder.path);
      expect(++inside).toBe(1);
      await new Promise((done) => setImmediate(done));
      inside--;
    };
    await Promise.all(Array.from({ length: 30 }, enter));
    expect(await folder.files()).toEqual([]);
  });

  test('of a dead process is taken over also after another one died while it did so', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, name);
    await writeFile(path, JSON.stringify({ ...(await describeOwner()), pid: 999_999_999 }));
    await writeFile(`${path}-takeover`, '');
    await utimes(`${path}-takeover`, 1, 1);
    await using _lock = await lockFolder(folder.path);
    expect(await folder.files()).toEqual([name]);
  });

  test('of a process whose number another one has now is taken over', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, name), JSON.stringify({ ...(await describeOwner()), started: 'before' }));
    await using _lock = await lockFolder(folder.path, { waitMs: 0 });
    expect(await readFile(join(folder.path, name), 'utf8')).not.toContain('before');
  });

  test('of another machine is left alone, however old', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, name);
    await writeFile(path, JSON.stringify({ host: 'elsewhere.example.com', space: '', pid: 1, started: '1' }));
    await utimes(path, 1, 1);
    await expect(lockFolder(folder.path, { waitMs: 0 })).rejects.toMatchObject({
      code: 'E_LOCKED',
      hint: expect.stringContaining(path),
    });
  });

  test('of a container that shares the name of this host and not its process numbers is left alone', async () => {
    await using folder = await tempFolder();
    const owner = { ...(await describeOwner()), space: 'pid:[1]', pid: 999_999_999 };
    await writeFile(join(folder.path, name), JSON.stringify(owner));
    await expect(lockFolder(folder.path, { waitMs: 0 })).rejects.toMatchObject({ code: 'E_LOCKED' });
  });

  test('without an owner is being made, unless it is old', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, name);
    await writeFile(path, '');
    await expect(lockFolder(folder.path, { waitMs: 0 })).rejects.toMatchObject({ code: 'E_LOCKED' });
    await utimes(path, 1, 1);
    await using _lock = await lockFolder(folder.path, { waitMs: 0 });
  });
});
