import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../kit/secret.ts';
import { type LoginOptions, removeLogin, storeLogin } from './login.ts';
import { createCredentials } from './source.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tranship-login-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('login', () => {
  test('what was stored is found again', async () => {
    await login('r.example.com', 'ana', 'p:w');
    expect(await found('r.example.com')).toEqual(['ana', 'p:w']);
  });

  test('Docker Hub goes under the key that docker reads', async () => {
    await login('docker.io', 'ana', 'pw');
    expect(Object.keys((await document()).auths)).toEqual(['https://index.docker.io/v1/']);
    expect(await found('docker.io')).toEqual(['ana', 'pw']);
  });

  test('the file is private, and so is its folder', async () => {
    await login('r.example.com', 'ana', 'pw');
    expect((await stat(join(home, '.docker/config.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, '.docker'))).mode & 0o777).toBe(0o700);
  });

  test('everything else in the file stays', async () => {
    const before = {
      HttpHeaders: { x: 'y' },
      auths: { 'other.example.com': { auth: 'YTpi', custom: 1 } },
      psFormat: 'z',
    };
    await writeConfig(before);
    await login('r.example.com', 'ana', 'pw');
    const after = await document();
    expect(after).toMatchObject(before);
    expect(Object.keys(after.auths)).toEqual(['other.example.com', 'r.example.com']);
  });

  test('a second login replaces the first, under whatever key it stands', async () => {
    await writeConfig({ auths: { 'https://r.example.com/v2/': { auth: 'YTpi' } } });
    await login('r.example.com', 'ana', 'new');
    expect(Object.keys((await document()).auths)).toEqual(['https://r.example.com/v2/']);
    expect(await found('r.example.com')).toEqual(['ana', 'new']);
  });

  test('nothing temporary is left', async () => {
    await login('r.example.com', 'ana', 'pw');
    expect(await readdir(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('a linked file is replaced behind its link', async () => {
    await mkdir(join(home, '.docker'));
    await mkdir(join(home, 'dotfiles'));
    await writeFile(join(home, 'dotfiles/config.json'), '{}');
    await symlink(join(home, 'dotfiles/config.json'), join(home, '.docker/config.json'));
    await login('r.example.com', 'ana', 'pw');
    expect(await readFile(join(home, 'dotfiles/config.json'), 'utf8')).toContain('r.example.com');
    expect(await found('r.example.com')).toEqual(['ana', 'pw']);
  });

  test('of many at once every one is kept', async () => {
    const hosts = Array.from({ length: 8 }, (_, index) => `r${index}.example.com`);
    const authFile = join(home, 'new/folder/auth.json');
    let name = 0;
    await Promise.all(
      hosts.map((host) => storeLogin(host, 'ana', new Secret('pw'), options({ authFile, random: () => `x${name++}` }))),
    );
    expect(Object.keys(JSON.parse(await readFile(authFile, 'utf8')).auths).toSorted()).toEqual(hosts);
    expect(await readdir(join(home, 'new/folder'))).toEqual(['auth.json']);
  });

  test('the lock of a login that was killed holds nobody up', async () => {
    await mkdir(join(home, '.docker'));
    const lock = join(home, '.docker/.config.json.tranship-lock');
    await writeFile(lock, '');
    await utimes(lock, 0, 0);
    await login('r.example.com', 'ana', 'pw');
    expect(await readdir(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('a registry that an earlier file knows is changed there, since that file is asked first', async () => {
    const podman = join(home, '.config/containers/auth.json');
    await mkdir(dirname(podman), { recursive: true });
    await writeFile(podman, JSON.stringify({ auths: { 'r.example.com': { auth: 'YTpvbGQ=' } } }));
    expect(await storeLogin('r.example.com', 'ana', new Secret('new'), options())).toBe(podman);
    expect(await found('r.example.com')).toEqual(['ana', 'new']);
    await login('other.example.com', 'ana', 'pw');
    expect(Object.keys((await document()).auths)).toEqual(['other.example.com']);
  });

  test('a file named by the user is made when it is not there', async () => {
    const authFile = join(home, 'new/auth.json');
    expect(await storeLogin('r.example.com', 'ana', new Secret('pw'), options({ authFile }))).toBe(authFile);
    expect(await readFile(authFile, 'utf8')).toContain('r.example.com');
  });

  test.runIf(process.platform === 'linux')('where no folder can be made, that is an error at once', async () => {
    const authFile = '/proc/nowhere/deep/auth.json';
    const storing = storeLogin('r.example.com', 'ana', new Secret('pw'), options({ authFile }));
    await expect(storing).rejects.toMatchObject({ code: 'E_AUTH_FILE', subject: authFile });
  });

  test('a broken file is left alone', async () => {
    await mkdir(join(home, '.docker'));
    await writeFile(join(home, '.docker/config.json'), '{"auths": ');
    await expect(login('r.example.com', 'ana', 'pw')).rejects.toMatchObject({ code: 'E_AUTH_FILE' });
    expect(await readFile(join(home, '.docker/config.json'), 'utf8')).toBe('{"auths": ');
  });

  test('a helper gets the secret on its standard input, and the file does not hold it', async () => {
    await recordingHelper('box');
    await writeConfig({ credsStore: 'box' });
    expect(await login('r.example.com', 'ana', 'canary-pw')).toBe('docker-credential-box');
    expect(await readFile(join(home, 'log'), 'utf8')).toBe(
      'store {"ServerURL":"r.example.com","Username":"ana","Secret":"canary-pw"}\n',
    );
    expect(JSON.stringify(await document())).not.toContain('canary');
    expect((await document()).auths).toEqual({ 'r.example.com': {} });
  });

  test('a helper that fails is an error', async () => {
    await recordingHelper('box', 'exit 1');
    await writeConfig({ credHelpers: { 'r.example.com': 'box' } });
    await expect(login('r.example.com', 'ana', 'pw')).rejects.toMatchObject({ code: 'E_CREDENTIAL_HELPER' });
  });
});

describe('logout', () => {
  test('forgets the registry in every usual file and nothing else', async () => {
    await login('r.example.com', 'ana', 'pw');
    await login('other.example.com', 'ben', 'pw');
    const podman = join(home, '.config/containers/auth.json');
    await storeLogin('r.example.com', 'ana', new Secret('pw'), options({ authFile: podman }));
    expect(await removeLogin('r.example.com', options())).toEqual([podman, join(home, '.docker/config.json')]);
    expect(await found('r.example.com')).toBeUndefined();
    expect(await found('other.example.com')).toEqual(['ben', 'pw']);
  });

  test('says when there was nothing', async () => {
    expect(await removeLogin('r.example.com', options())).toEqual([]);
    expect(await readdir(home)).toEqual([]);
  });

  test('tells the helper too', async () => {
    await recordingHelper('box');
    await writeConfig({ credsStore: 'box', auths: { 'r.example.com': {} } });
    const forgotten = await removeLogin('r.example.com', options());
    expect(forgotten).toEqual(['docker-credential-box', join(home, '.docker/config.json')]);
    expect(await readFile(join(home, 'log'), 'utf8')).toBe('erase r.example.com\n');
  });
});

function options(overrides: Partial<LoginOptions> = {}): LoginOptions {
  const env = { PATH: `${join(home, 'bin')}:${process.env['PATH']}` };
  return { env, home, platform: 'linux', random: () => 'random', ...overrides };
}

function login(registry: string, username: string, password: string): Promise<string> {
  return storeLogin(registry, username, new Secret(password), options());
}

async function found(registry: string): Promise<[string, string] | undefined> {
  const credentials = createCredentials({ ...options(), registerSecret: () => {} });
  const credential = (await credentials.find(registry, undefined))?.credential;
  return credential?.kind === 'basic' ? [credential.username, credential.password.reveal()] : undefined;
}

async function document(): Promise<{ auths: Record<string, unknown> }> {
  return JSON.parse(await readFile(join(home, '.docker/config.json'), 'utf8'));
}

async function writeConfig(value: object): Promise<void> {
  await mkdir(join(home, '.docker'), { recursive: true });
  await writeFile(join(home, '.docker/config.json'), JSON.stringify(value));
}

async function recordingHelper(name: string, end = 'exit 0'): Promise<void> {
  await mkdir(join(home, 'bin'), { recursive: true });
  const path = join(home, 'bin', `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\necho "$1 $(cat)" >> ${join(home, 'log')}\n${end}\n`);
  await chmod(path, 0o755);
}
