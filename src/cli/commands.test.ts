import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../test/kit/embedded.ts';
import { fill } from '../../test/kit/filled.ts';
import { Secret } from '../kit/secret.ts';
import { digestOf } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import { version } from './version.ts';

let source: EmbeddedRegistry;
let folder: string;
const digest = /^sha256:[0-9a-f]{64}$/;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-commands-'));
  source = await startEmbedded();
  await fill(source, 'corpus/busybox', 'corpus/multi', 'corpus/referrers', 'corpus/cosign-tags', 'corpus/many');
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string) => `${source.host}/corpus/${name}`;
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe('copy', () => {
  test('prints the destination by digest and says on standard error what it did', async () => {
    await using target = await startEmbedded();
    const done = await tranship(['copy', at('busybox:1.0'), `${target.host}/a/b:1`]);
    const [reference = ''] = lines(done.stdout);
    expect(done).toMatchObject({ code: 0, stdout: `${reference}\n` });
    expect(reference).toMatch(new RegExp(`^${target.host}/a/b@sha256:[0-9a-f]{64}$`));
    expect(done.stderr).toMatch(new RegExp(`^✓ ${target.host}/a/b:1 {2}copied .*, \\d`));
    expect((await tranship(['digest', `${target.host}/a/b:1`])).stdout).toBe(`${reference.split('@')[1]}\n`);
  });

  test('a second time nothing is sent', async () => {
    await using target = await startEmbedded();
    await tranship(['copy', at('multi:1.0'), `${target.host}/a/b:1`]);
    const before = target.requests.length;
    const done = await tranship(['copy', at('multi:1.0'), `${target.host}/a/b:1`]);
    expect(done.stderr).toContain('the same already');
    expect(target.requests.slice(before).filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  test('every tag goes over, what is attached last', async () => {
    await using target = await startEmbedded();
    const done = await tranship(['copy', '--all-tags', at('cosign-tags'), `${target.host}/a/b`]);
    expect(done.code).toBe(0);
    const [there, here] = await Promise.all(
      [`${target.host}/a/b`, at('cosign-tags')].map((r) => tranship(['tags', r])),
    );
    expect(lines(there?.stdout ?? '').toSorted()).toEqual(lines(here?.stdout ?? '').toSorted());
    expect(lines(done.stdout).every((line) => /:[^:@]+@sha256:/.test(line))).toBe(true);
    expect((await tranship(['diff', '--exit-code', at('cosign-tags'), `${target.host}/a/b`])).code).toBe(0);
  });

  test('--no-referrers leaves behind what is attached', async () => {
    await using target = await startEmbedded();
    await tranship(['copy', '--all-tags', '--no-referrers', at('cosign-tags'), `${target.host}/a/b`]);
    expect((await tranship(['tags', `${target.host}/a/b`])).stdout).not.toContain('sha256-');
    await tranship(['copy', '--no-referrers', at('referrers:latest'), `${target.host}/c/d:1`]);
    expect((await tranship(['referrers', `${target.host}/c/d:1`])).stderr).toContain('Nothing refers to it');
  });

  test('a dry run writes nothing, not even a folder, and tells the bytes', async () => {
    await using target = await startEmbedded();
    const layout = join(folder, 'dry');
    const done = await tranship(['copy', '--dry-run', at('busybox:1.0'), `${target.host}/a:1`, `oci:${layout}:1`]);
    expect(done).toMatchObject({ code: 0, stdout: '' });
    expect(done.stderr).toContain('nothing was written: 2 to copy');
    expect(target.requests.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    await expect(readFile(join(layout, 'oci-layout'))).rejects.toThrow();
  });

  test('into a layout and an archive and out of them', async () => {
    await using target = await startEmbedded();
    const [layout, archive] = [`oci:${join(folder, 'lay')}`, `oci-archive:${join(folder, 'arc.tar')}`];
    expect(await tranship(['copy', at('multi:1.0'), layout, `${archive}:kept`])).toMatchObject({ code: 0 });
    expect((await tranship(['tags', layout])).stdout).toBe('1.0\n');
    expect(await tranship(['copy', layout, `${target.host}/x:1`])).toMatchObject({ code: 0 });
    expect(await tranship(['copy', `${archive}:kept`, `${target.host}/y:1`])).toMatchObject({ code: 0 });
    const found = await Promise.all(
      [at('multi:1.0'), `${target.host}/x:1`, `${target.host}/y:1`].map((r) => tranship(['digest', r])),
    );
    expect(new Set(found.map(({ stdout }) => stdout)).size).toBe(1);
  });

  test('-o json says everything, failures too', async () => {
    await using closed = await startEmbedded({ readOnly: true });
    await using target = await startEmbedded();
    const done = await tranship(['copy', '-o', 'json', at('busybox:1.0'), `${target.host}/a:1`, `${closed.host}/a:1`]);
    const document = JSON.parse(done.stdout);
    expect(document).toMatchObject({ apiVersion: 'tranship/v1', kind: 'CopyResult', dryRun: false });
    expect(document.items).toMatchObject([
      { outcome: 'copied', destination: `${target.host}/a:1`, bytesMoved: expect.any(Number) },
      { outcome: 'failed', error: { code: 'E_READ_ONLY', side: 'destination', failure: 'unwritable' } },
    ]);
    expect(done.code).toBe(3);
  });

  test('--progress json gives the events as lines', async () => {
    await using target = await startEmbedded();
    const done = await tranship(['copy', '--progress', 'json', at('busybox:1.0'), `${target.host}/a:1`]);
    const types = lines(done.stderr).map((line) => JSON.parse(line).type);
    expect(types[0]).toBe('copy-started');
    expect(types).toContain('blob-finished');
    expect(types.at(-1)).toBe('copy-finished');
    expect(types).not.toContain('request');
  });

  test('-q says nothing when all is well; -vv tells of every request', async () => {
    await using target = await startEmbedded();
    expect(await tranship(['copy', '-q', at('busybox:1.0'), `${target.host}/a:1`])).toMatchObject({ stderr: '' });
    const traced = await tranship(['copy', '-vv', at('busybox:1.0'), `${target.host}/b:1`]);
    expect(traced.stderr).toMatch(/… PUT http:\/\/127\.0\.0\.1:\d+\/v2\/b\/manifests\/\S+ {2}201/);
  });

  test('on a terminal it draws, and clears away what it drew', async () => {
    await using target = await startEmbedded({ personality: { latencyMs: 60 } });
    const done = await tranship(['copy', at('multi:1.0'), `${target.host}/a:1`], { terminal: true });
    expect(done.stderr).toContain('\u001b[?25l');
    expect(done.stderr).toMatch(/[█░]+ .* of /);
    expect(done.stderr.endsWith('\u001b[?25h')).toBe(true);
  });

  test('a signal stops it in order: a way to go on, exit 130, no tag', async () => {
    await using slow = await startEmbedded({ personality: { latencyMs: 100 } });
    let send: ((signal: 'SIGINT') => void) | undefined;
    const done = await tranship(['copy', at('multi:1.0'), `${slow.host}/a:1`, '-vv'], {
      onStart: (sender) => {
        send = sender;
      },
      onStderr: (text) => {
        if (text.includes('/v2/a/')) send?.('SIGINT');
      },
    });
    expect(done.code).toBe(130);
    expect(done.stderr).toContain('Stopping');
    expect(done.stderr).toContain('E_CANCELLED');
    expect((await tranship(['digest', `${slow.host}/a:1`])).code).not.toBe(0);
  });

  test('a second signal ends it at once', async () => {
    await using slow = await startEmbedded({ personality: { latencyMs: 400 } });
    let send: ((signal: 'SIGTERM') => void) | undefined;
    let signals = 0;
    const done = await tranship(['copy', at('multi:1.0'), `${slow.host}/a:1`, '-vv'], {
      onStart: (sender) => {
        send = sender;
      },
      onStderr: (text) => {
        const due = signals === 0 ? text.includes('/corpus/multi/') : text.includes('Stopping');
        if (due && signals < 2) signals += 1;
        if (due) queueMicrotask(() => send?.('SIGTERM'));
      },
    });
    expect(signals).toBe(2);
    expect(done.stderr).not.toContain('E_CANCELLED');
    expect(done.code).toBe(143);
  });
});

describe('looking', () => {
  test('manifest prints the very bytes', async () => {
    const { stdout } = await tranship(['manifest', at('multi:1.0')]);
    expect(`${digestOf(Buffer.from(stdout))}\n`).toBe((await tranship(['digest', at('multi:1.0')])).stdout);
    expect(parseManifest(Buffer.from(stdout)).kind).toBe('index');
  });

  test('digest of a digest is itself, and of nothing an error', async () => {
    const [found = ''] = lines((await tranship(['digest', at('busybox:1.0')])).stdout);
    expect(found).toMatch(digest);
    expect((await tranship(['digest', `${at('busybox')}@${found}`])).stdout).toBe(`${found}\n`);
    expect(await tranship(['digest', at('busybox:no')])).toMatchObject({ code: 1, stdout: '' });
  });

  test('inspect shows platforms, sizes and layers', async () => {
    const { stdout } = await tranship(['inspect', at('multi:1.0')]);
    expect(stdout).toMatch(/^type +index/m);
    for (const platform of ['linux/amd64', 'linux/arm64', 'linux/arm/v7']) expect(stdout).toContain(platform);
    const image = JSON.parse((await tranship(['inspect', '-o', 'json', at('busybox:1.0')])).stdout);
    expect(image).toMatchObject({ kind: 'Inspection', type: 'image', images: [{ platform: 'linux/amd64' }] });
    expect(image.totalSize).toBeGreaterThan(image.images[0].layers[0].size);
  });

  test('referrers shows a tree, level by level', async () => {
    const { stdout } = await tranship(['referrers', at('referrers:latest')]);
    expect(lines(stdout).length).toBeGreaterThan(3);
    expect(stdout).toMatch(/^( {3}|│ {2})+└─ /m);
    const tree = JSON.parse((await tranship(['referrers', '-o', 'json', at('referrers:latest')])).stdout);
    expect(tree.referrers.some((node: { referrers: unknown[] }) => node.referrers.length > 0)).toBe(true);
  });

  test('cosign’s tags count as referrers', async () => {
    const { stdout } = await tranship(['referrers', at('cosign-tags:latest')]);
    expect(stdout).toMatch(/tag ….sig/);
  });

  test('tags and repos give one a line, or a document', async () => {
    expect(lines((await tranship(['tags', at('many')])).stdout)).toHaveLength(12);
    expect(JSON.parse((await tranship(['tags', '-o', 'json', at('busybox')])).stdout).items).toEqual(['1.0', 'latest']);
    expect(lines((await tranship(['repos', source.host])).stdout)).toContain('corpus/multi');
    expect((await tranship(['repos', `${source.host}/nothing`])).stdout).toBe('');
  });

  test('tags of a repository that is not there, and repositories of a layout, are errors', async () => {
    const absent = await tranship(['tags', at('busybocks')]);
    expect(absent).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('E_REPOSITORY_UNKNOWN') });
    const layout = await tranship(['repos', 'oci:./images']);
    expect(layout).toMatchObject({ code: 2, stderr: expect.stringContaining('tranship tags oci:./images') });
  });

  test('diff tells what stands on one side, what differs, and only counts the rest', async () => {
    await using target = await startEmbedded();
    await tranship(['copy', '--all-tags', at('busybox'), `${target.host}/corpus/busybox`]);
    const same = await tranship([
      'diff',
      '--exit-code',
      `${source.host}/corpus/busybox`,
      `${target.host}/corpus/busybox`,
    ]);
    expect(same).toMatchObject({ code: 0, stdout: '', stderr: 'The same: 2 tags.\n' });
    await tranship(['copy', at('multi:1.0'), `${target.host}/corpus/busybox:1.0`]);
    await tranship(['copy', at('multi:1.0'), `${target.host}/corpus/busybox:new`]);
    const differs = await tranship(['diff', '--exit-code', at('busybox'), `${target.host}/corpus/busybox`]);
    expect(differs.code).toBe(5);
    expect(differs.stdout).toMatch(/^~ 1\.0 {2}sha256:\S+ → sha256:\S+\n\+ new {2}sha256:\S+ {2}only in the second\n$/);
    const all = await tranship(['diff', `${source.host}/corpus/`, `${target.host}/corpus/`, '-o', 'json']);
    expect(JSON.parse(all.stdout).entries).toContainEqual(
      expect.objectContaining({ name: 'multi:1.0', status: 'only-a' }),
    );
  });
});

test('diff leaves out the list of referrers that one registry keeps under a tag and the other does not', async () => {
  await using bare = await startEmbedded({ personality: { noReferrersApi: true } });
  const there = `${bare.host}/corpus/signed`;
  await tranship(['copy', '--all-tags', at('referrers'), there]);
  expect((await tranship(['tags', there])).stdout).toMatch(/^sha256-[0-9a-f]{64}$/m);
  expect(await tranship(['diff', '--exit-code', at('referrers'), there])).toMatchObject({ code: 0, stdout: '' });
  await tranship(['copy', '--all-tags', '--no-referrers', at('referrers'), `${bare.host}/corpus/bare`]);
  const unlike = await tranship(['diff', '--exit-code', there, `${bare.host}/corpus/bare`]);
  expect(unlike).toMatchObject({
    code: 5,
    stdout: expect.stringMatching(/^- sha256-[0-9a-f]{64} .*only in the first$/m),
  });
});

describe('changing', () => {
  test('tag --dry-run only tells', async () => {
    await using target = await startEmbedded();
    await tranship(['copy', at('busybox:1.0'), `${target.host}/a:1`]);
    const told = await tranship(['tag', '--dry-run', `${target.host}/a:1`, '1.0']);
    expect(told).toMatchObject({ code: 0, stdout: '', stderr: `Would set ${target.host}/a:1.0.\n` });
    expect(lines((await tranship(['tags', `${target.host}/a`])).stdout)).toEqual(['1']);
    expect(await tranship(['tag', '--dry-run', `${target.host}/a:2`, '2.0'])).toMatchObject({ code: 1 });
  });

  test('tag gives further names', async () => {
    await using target = await startEmbedded();
    await tranship(['copy', at('busybox:1.0'), `${target.host}/a:1`]);
    const done = await tranship(['tag', `${target.host}/a:1`, '1.0', 'latest']);
    expect(lines(done.stdout)).toEqual([`${target.host}/a:1.0`, `${target.host}/a:latest`]);
    expect(lines((await tranship(['tags', `${target.host}/a`])).stdout)).toEqual(['1', '1.0', 'latest']);
    expect(await tranship(['tag', `${target.host}/a:1`, 'bad tag'])).toMatchObject({ code: 2 });
  });

  test('delete asks; where nobody can be asked it does nothing', async () => {
    await using target = await startEmbedded();
    await tranship(['copy', at('busybox:1.0'), `${target.host}/a:1`]);
    const mute = await tranship(['delete', `${target.host}/a:1`]);
    expect(mute).toMatchObject({ code: 2, stderr: expect.stringContaining('E_NOT_A_TERMINAL') });
    const no = await tranship(['delete', `${target.host}/a:1`], { terminal: true, input: 'n\n' });
    expect(no.stderr).toContain('Nothing was deleted');
    expect((await tranship(['tags', `${target.host}/a`])).stdout).toBe('1\n');
    const yes = await tranship(['delete', `${target.host}/a:1`], { terminal: true, input: 'y\n' });
    expect(yes).toMatchObject({ code: 0, stdout: `${target.host}/a:1\n` });
    expect((await tranship(['tags', `${target.host}/a`])).stdout).toBe('');
  });

  test('delete --dry-run only tells, --yes does not ask', async () => {
    await using target = await startEmbedded();
    const [reference = ''] = lines((await tranship(['copy', at('busybox:1.0'), `${target.host}/a:1`])).stdout);
    expect((await tranship(['delete', '--dry-run', reference])).stderr).toContain('Would delete the manifest');
    expect((await tranship(['digest', reference])).code).toBe(0);
    expect(await tranship(['delete', '--yes', reference])).toMatchObject({ code: 0 });
    expect((await tranship(['digest', reference])).code).toBe(1);
  });
});

describe('signing in', () => {
  const users = [{ name: 'ana', password: new Secret('open sesame') }];

  test.each(['basic', 'token'] as const)('login, use, logout (%s)', async (kind) => {
    await using closed = await startEmbedded({ auth: { kind, users } });
    const home = await mkdtemp(join(folder, 'home-'));
    const login = ['login', closed.host, '--username', 'ana', '--password-stdin'];
    expect(await tranship(login, { home, input: 'wrong\n' })).toMatchObject({ code: 4 });
    const done = await tranship(login, { home, input: 'open sesame\n' });
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining(`Signed in to ${closed.host} as ana`) });
    expect(await tranship(['copy', at('busybox:1.0'), `${closed.host}/a/b:1`], { home })).toMatchObject({ code: 0 });
    expect(await tranship(['logout', closed.host], { home })).toMatchObject({ code: 0 });
    expect(await tranship(['digest', `${closed.host}/a/b:1`], { home })).toMatchObject({ code: 4 });
  });

  test('asked on a terminal, the password is not shown', async () => {
    await using closed = await startEmbedded({ auth: { kind: 'basic', users } });
    const home = await mkdtemp(join(folder, 'home-'));
    let typed = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = await tranship(['login', closed.host, '-u', 'ana'], {
      home,
      terminal: true,
      input: 'open sesamf\u007fe\r',
      onStderr: (text) => {
        typed ||= text.includes('Password of ana');
        if (typed) resolve();
      },
    });
    await promise;
    expect(done).toMatchObject({ code: 0 });
    expect(done.stderr).not.toContain('sesam');
  });

  test('user and password may be pasted at once', async () => {
    await using closed = await startEmbedded({ auth: { kind: 'basic', users } });
    const home = await mkdtemp(join(folder, 'home-'));
    const done = await tranship(['login', closed.host], { home, terminal: true, input: 'ana\nopen sesame\n' });
    expect(done).toMatchObject({ code: 0 });
  });

  test('a refused password is called that, and no advice to sign in follows', async () => {
    await using closed = await startEmbedded({ auth: { kind: 'basic', users } });
    const home = await mkdtemp(join(folder, 'home-'));
    const done = await tranship(['login', closed.host, '-u', 'ana', '--password-stdin'], { home, input: 'wrong' });
    expect(done).toMatchObject({ code: 4, stderr: expect.stringContaining('This password for ana was refused') });
    expect(done.stderr).not.toContain('tranship login');
  });

  test('the end of the input at a question is no answer', async () => {
    const typed = { terminal: true, input: 'an', inputEnds: true };
    const done = await tranship(['login', 'registry.example.com'], typed);
    expect(done).toMatchObject({ code: 130, stderr: expect.stringContaining('E_CANCELLED') });
  });

  test('without anybody to ask it says how to pipe a password in', async () => {
    const done = await tranship(['login', 'registry.example.com', '-u', 'ana']);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('--password-stdin') });
  });

  test('a password in the environment serves one host', async () => {
    await using closed = await startEmbedded({ auth: { kind: 'basic', users } });
    const suffix = closed.host.replaceAll(/[.:]/g, '_');
    const env = { [`TRANSHIP_USERNAME_${suffix}`]: 'ana', [`TRANSHIP_PASSWORD_${suffix}`]: 'open sesame' };
    expect(await tranship(['tags', `${closed.host}/a`], { env })).not.toMatchObject({ code: 4 });
    expect(await tranship(['tags', `${closed.host}/a`])).toMatchObject({ code: 4 });
  });
});

describe('doctor', () => {
  test('says step by step what works, and who we are', async () => {
    const { code, stdout } = await tranship(['doctor', at('busybox'), '--write']);
    expect(code).toBe(0);
    for (const step of ['name', 'connection', 'api', 'clock', 'credentials', 'repository', 'features']) {
      expect(stdout).toMatch(new RegExp(`^[✓•] ${step}`, 'm'));
    }
  });

  test('never asks for push without --write, nor for a repository that is not there', async () => {
    const users = [{ name: 'ana', password: new Secret('open sesame') }];
    await using closed = await startEmbedded({ auth: { kind: 'token', users } });
    const suffix = closed.host.replaceAll(/[.:]/g, '_');
    const env = { [`TRANSHIP_USERNAME_${suffix}`]: 'ana', [`TRANSHIP_PASSWORD_${suffix}`]: 'open sesame' };
    await tranship(['doctor', `${closed.host}/no/such`, '--write'], { env });
    expect(closed.seen(/token.*push/)).toEqual([]);
    await tranship(['copy', at('busybox:1.0'), `${closed.host}/is/there:1`], { env });
    const before = closed.seen(/token.*push/).length;
    await tranship(['doctor', `${closed.host}/is/there`], { env });
    expect(closed.seen(/token.*push/)).toHaveLength(before);
    const done = await tranship(['doctor', `${closed.host}/is/there`, '--write'], { env });
    expect(done.stdout).toMatch(/^✓ push +granted on is\/there/m);
  });

  test('says which password was refused, and of a website nothing beyond that it is one', async () => {
    const users = [{ name: 'ana', password: new Secret('open sesame') }];
    await using closed = await startEmbedded({ auth: { kind: 'basic', users } });
    const name = `TRANSHIP_PASSWORD_${closed.host.replaceAll(/[.:]/g, '_')}`;
    const env = { [name.replace('PASSWORD', 'USERNAME')]: 'ana', [name]: 'wrong' };
    const refused = await tranship(['doctor', closed.host], { env });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stdout).toMatch(new RegExp(`^✖ credentials +The credentials from ${name} do not open this`, 'm'));
    for (const status of [200, 404]) {
      const page = { status, body: '<html>no certificate was sent', headers: { 'content-type': 'text/html' } };
      await using website = await startEmbedded({ personality: { answer: () => page } });
      const { stdout } = await tranship(['doctor', website.host]);
      expect(stdout).toContain('This may be no registry');
      expect(stdout.includes('answers 404: no certificate was sent')).toBe(status === 404);
      expect(stdout).not.toMatch(/credentials|features/);
    }
  });

  test('tries the credentials of the very repository, and names the file that is in the way', async () => {
    const users = [{ name: 'ana', password: new Secret('open sesame') }];
    await using closed = await startEmbedded({ auth: { kind: 'basic', users } });
    const home = await mkdtemp(join(folder, 'home-'));
    const authfile = join(home, 'auth.json');
    const auth = Buffer.from('ana:open sesame').toString('base64');
    await writeFile(authfile, JSON.stringify({ auths: { [`${closed.host}/team`]: { auth } } }));
    const found = await tranship(['doctor', `${closed.host}/team/app`, '--authfile', authfile], { home });
    expect(found).toMatchObject({ code: 0 });
    await writeFile(authfile, '{');
    const broken = await tranship(['doctor', closed.host, '--authfile', authfile], { home });
    expect(broken.stdout).toContain(`${authfile}: The credentials file is not a JSON object (E_AUTH_FILE)`);
  });

  test('tells whether there is a referrers API only where it asked', async () => {
    await using old = await startEmbedded({ personality: { noReferrersApi: true } });
    await tranship(['copy', at('busybox:1.0'), `${old.host}/app:1`]);
    expect((await tranship(['doctor', at('busybox')])).stdout).toMatch(/^• features +referrers API;/m);
    expect((await tranship(['doctor', `${old.host}/app`])).stdout).toMatch(/^• features +no referrers API/m);
    expect((await tranship(['doctor', old.host])).stdout).toMatch(/^• features +referrers API not asked/m);
  });

  test('stops at the step that fails', async () => {
    const done = await tranship(['doctor', 'nobody.invalid', '-o', 'json']);
    const report = JSON.parse(done.stdout);
    expect(done.code).toBe(1);
    expect(report.findings.at(-1)).toMatchObject({ step: 'name', state: 'bad' });
  });
});

describe('serve', () => {
  test('serves a folder with users of an htpasswd file until it is stopped', async () => {
    const file = join(folder, 'users');
    await writeFile(file, '# people\nana:$2y$05$abcdefghijklmnopqrstuu8Fw3Ht8b6ESE.LI7ZEKD80.tMR2zJ1K\n');
    const { promise, resolve } = Promise.withResolvers<string>();
    let stop: (() => void) | undefined;
    const root = join(folder, 'served');
    const serving = tranship(['serve', root, '--listen', '127.0.0.1:0', '--htpasswd', file], {
      onStart: (send) => {
        stop = () => send('SIGTERM');
      },
      onStdout: (text) => resolve(text.trim()),
    });
    const url = await promise;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const status = async (login?: string) => {
      const headers = login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
      return (await fetch(`${url}/v2/`, { headers })).status;
    };
    expect(await status()).toBe(401);
    expect(await status('ana:wrong')).toBe(401);
    expect(await status('ben:sesame, open!')).toBe(401);
    expect(await status('ana:sesame, open!')).toBe(200);
    stop?.();
    expect(await serving).toMatchObject({ code: 0 });
    expect(await readFile(join(root, 'users'), 'utf8').catch(() => 'not kept')).toBe('not kept');
  });

  test.each([
    [['--listen', 'nonsense'], 'E_LISTEN'],
    [['--listen', '127.0.0.1:99999'], 'E_LISTEN'],
    [['--cert', 'x'], 'E_SERVE'],
    [['--user', 'ana'], 'E_USAGE'],
    [['--user', 'ana', '--password-env', 'NOT_SET'], 'E_SECRET'],
    [['--token-auth'], 'E_SERVE'],
    [['--htpasswd', '/nowhere'], 'E_SERVE'],
  ])('%j is refused', async (options, code) => {
    const done = await tranship(['serve', join(folder, 'never'), ...options]);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining(code) });
  });

  test('a folder that is a file is named, and not the address', async () => {
    await writeFile(join(folder, 'no-folder'), '');
    const done = await tranship(['serve', join(folder, 'no-folder'), '--listen', '127.0.0.1:0']);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(/no-folder.* EEXIST.*E_SERVE/s) });
  });

  test('a port that is taken is said so', async () => {
    const done = await tranship(['serve', join(folder, 'taken'), '--listen', source.host]);
    expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') });
  });
});

describe('the commands about tranship itself', () => {
  test('version is package.json’s', async () => {
    const { version: packaged } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(version).toBe(packaged);
    expect((await tranship(['version'])).stdout).toBe(`tranship ${version}\n`);
    expect(JSON.parse((await tranship(['version', '-o', 'json'])).stdout)).toMatchObject({ version });
  });

  test('explain knows codes in any spelling', async () => {
    const { stdout } = await tranship(['explain', 'tls-expired']);
    expect(stdout).toContain('E_TLS_EXPIRED');
    expect(stdout).toContain('Exit code 1.');
    expect((await tranship(['explain', 'W_SOURCE_MOVED'])).stdout).toContain('the work goes on');
    expect(await tranship(['explain', 'E_NO_SUCH'])).toMatchObject({ code: 2 });
    expect((await tranship(['explain'])).stdout).toContain('E_UNAUTHORIZED');
  });

  test('help exit-codes prints the table', async () => {
    expect((await tranship(['help', 'exit-codes'])).stdout).toMatch(/^ 75 {2}temporary/m);
    expect((await tranship(['help', 'copy'])).stdout).toContain('Usage: tranship copy');
    expect(await tranship(['help', 'nothing'])).toMatchObject({ code: 2 });
  });
});
