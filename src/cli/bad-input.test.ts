/** Every row of what bad input gets: one clear error with side, reference, the server's words, what to do, code and exit code. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthority } from '../../test/kit/certificates.ts';
import { type Finished, tranship } from '../../test/kit/command-line.ts';
import { type EmbeddedRegistry, startEmbedded } from '../../test/kit/embedded.ts';
import { fill } from '../../test/kit/filled.ts';
import { Secret } from '../kit/secret.ts';

let source: EmbeddedRegistry;
let folder: string;
let app: string;
const authority = makeAuthority();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-bad-'));
  source = await startEmbedded();
  await fill(source, 'corpus/busybox', 'corpus/multi');
  app = `${source.host}/corpus/busybox:1.0`;
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('what is wrong before anything is asked', () => {
  test.each([
    ['an unknown scheme', 'containers-storage:app:1', 'E_SCHEME'],
    ['https in front', 'https://registry.example.com/app:1', 'E_SCHEME'],
    ['upper case in the repository', 'registry.example.com/App:1', 'E_REFERENCE'],
    ['an empty tag', 'registry.example.com/app:', 'E_REFERENCE'],
    ['a short digest', 'registry.example.com/app@sha256:abc', 'E_REFERENCE'],
    ['a traversal', 'registry.example.com/../app:1', 'E_REFERENCE'],
    ['nothing', '', 'E_REFERENCE'],
  ])('%s (%s)', async (_what, reference, code) => {
    expectFailure(await tranship(['copy', reference, 'oci:x']), { code, exit: 2 });
  });

  test('a password in a reference is refused and not repeated', async () => {
    const done = await tranship(['digest', 'ana:canary-word@registry.example.com/app:1']);
    expect(done.code).toBe(2);
    expect(done.stdout + done.stderr).not.toContain('canary-word');
  });

  test('two equal destinations', async () => {
    const done = await tranship(['copy', app, 'dr.example.com/app:1', 'docker://dr.example.com/app:1']);
    expectFailure(done, { code: 'E_USAGE', exit: 2, words: ['named twice'] });
  });

  test('a tag where a whole repository is copied', async () => {
    const done = await tranship(['copy', '--all-tags', app, 'dr.example.com/app']);
    expectFailure(done, { code: 'E_REFERENCE', exit: 2, words: ['leave out the tag'] });
  });

  test('a platform that is none', async () => {
    const done = await tranship(['copy', '--platform', 'linux', app, `oci:${join(folder, 'p')}`]);
    expectFailure(done, { code: 'E_PLATFORM', exit: 2 });
  });

  test('a file of authorities that is none', async () => {
    const file = join(folder, 'not-a-ca');
    await writeFile(file, 'nothing');
    expectFailure(await tranship(['digest', app, '--ca-file', file]), { code: 'E_CA_FILE', exit: 2, words: [file] });
  });
});

describe('what is wrong at the source', () => {
  test('a missing tag', async () => {
    const target = await startEmbedded();
    const done = await tranship(['copy', `${source.host}/corpus/busybox:absent`, `${target.host}/x:1`]);
    expectFailure(done, { code: 'E_MANIFEST_UNKNOWN', exit: 1, words: ['source', 'corpus/busybox', 'tranship tags'] });
    await expectNothingIn(target);
  });

  test('a missing repository', async () => {
    const done = await tranship(['copy', `${source.host}/no/such:1`, `oci:${join(folder, 'nothing')}`]);
    expectFailure(done, { exit: 1, words: ['source', 'no/such'] });
    expect(done.stderr).toMatch(/E_(MANIFEST|REPOSITORY)_UNKNOWN/);
  });

  test('a repository without tags, where all are wanted', async () => {
    const done = await tranship(['copy', '--all-tags', `${source.host}/no/such`, `oci:${join(folder, 'nothing')}`]);
    expectFailure(done, { exit: 1, words: ['source', 'no/such'] });
  });

  test('a digest that does not match: bytes that lie', async () => {
    const personality = {
      answer: ({ url = '', method }: { url?: string | undefined; method?: string | undefined }) =>
        method === 'GET' && /\/blobs\/sha256:/.test(url) ? { status: 200, body: 'not what was asked for' } : undefined,
    };
    await using liar = await startEmbedded({ personality });
    await fill(liar, 'corpus/busybox');
    await using target = await startEmbedded();
    const done = await tranship(['copy', `${liar.host}/corpus/busybox:1.0`, `${target.host}/x:1`]);
    expect(done.stderr).toMatch(/E_(DIGEST|SIZE)_MISMATCH|E_CUT/);
    expect(done.stderr).toContain('source');
    expect(done.code).not.toBe(0);
    await expectNothingIn(target);
  });

  test('a destination that names another digest', async () => {
    const other = `${source.host}/corpus/other@sha256:${'0'.repeat(64)}`;
    expectFailure(await tranship(['copy', app, other]), { code: 'E_DIGEST_MISMATCH', exit: 2, words: ['source', app] });
  });

  test('a folder that is no layout', async () => {
    const done = await tranship(['copy', `oci:${folder}:1`, `${source.host}/x:1`]);
    expectFailure(done, { code: 'E_NOT_A_LAYOUT', exit: 1, words: ['source', folder] });
  });

  test('an archive that is not there', async () => {
    const done = await tranship(['copy', `oci-archive:${join(folder, 'no.tar')}`, `${source.host}/x:1`]);
    expectFailure(done, { code: 'E_NOT_A_LAYOUT', exit: 1, words: ['source', 'no.tar'] });
  });
});

describe('credentials', () => {
  const users = [{ name: 'ana', password: new Secret('right-password') }];

  test.each(['basic', 'token'] as const)('none, where %s wants some', async (kind) => {
    await using closed = await startEmbedded({ auth: { kind, users } });
    const done = await tranship(['copy', app, `${closed.host}/x:1`]);
    expectFailure(done, { code: 'E_UNAUTHORIZED', exit: 4, words: ['destination', closed.host, 'tranship login'] });
  });

  test.each(['basic', 'token'] as const)('wrong ones, where %s wants some', async (kind) => {
    await using closed = await startEmbedded({ auth: { kind, users } });
    const file = join(folder, `wrong-${kind}.json`);
    const auth = Buffer.from('ana:wrong-password').toString('base64');
    await writeFile(file, JSON.stringify({ auths: { [closed.host]: { auth } } }));
    const done = await tranship(['copy', app, `${closed.host}/x:1`, '--authfile', file]);
    expectFailure(done, { code: 'E_UNAUTHORIZED', exit: 4, words: ['destination', closed.host] });
    expect(done.stderr).not.toContain('wrong-password');
  });

  test('right ones without the right to push', async () => {
    const reader = [{ name: 'ana', password: new Secret('right-password'), access: 'read' as const }];
    await using closed = await startEmbedded({ auth: { kind: 'token', users: reader } });
    const file = join(folder, 'reader.json');
    const auth = Buffer.from('ana:right-password').toString('base64');
    await writeFile(file, JSON.stringify({ auths: { [closed.host]: { auth } } }));
    const done = await tranship(['copy', app, `${closed.host}/x:1`, '--authfile', file]);
    expectFailure(done, { exit: 4, words: ['destination', closed.host] });
    expect(done.stderr).toMatch(/E_DENIED|E_UNAUTHORIZED/);
  });

  test('a named file that is not there', async () => {
    await using closed = await startEmbedded({ auth: { kind: 'basic', users } });
    const done = await tranship(['digest', `${closed.host}/x:1`, '--authfile', join(folder, 'nowhere.json')]);
    expectFailure(done, { code: 'E_AUTH_FILE', exit: 2, words: ['nowhere.json'] });
  });
});

describe('the connection', () => {
  test('an expired certificate', async () => {
    await using old = await startEmbedded({ tls: authority.issue(['IP:127.0.0.1'], -1) });
    const done = await tranship(['copy', app, `${old.host}/x:1`, '--ca-file', await caFile()]);
    expectFailure(done, { code: 'E_TLS_EXPIRED', exit: 1, words: ['destination', old.host, 'expired'] });
  });

  test('a certificate for another host', async () => {
    await using other = await startEmbedded({ tls: authority.issue(['DNS:registry.example.com']) });
    const done = await tranship(['copy', app, `${other.host}/x:1`, '--ca-file', await caFile()]);
    expectFailure(done, { code: 'E_TLS_WRONG_HOST', exit: 1, words: ['destination', other.host] });
  });

  test('an authority that is not trusted, and trusting it', async () => {
    await using secure = await startEmbedded({ tls: authority.issue(['IP:127.0.0.1']) });
    const done = await tranship(['copy', app, `${secure.host}/x:1`]);
    expectFailure(done, { code: 'E_TLS_UNKNOWN_CA', exit: 1, words: ['destination', secure.host, '--ca-file'] });
    expect(await tranship(['copy', app, `${secure.host}/x:1`, '--ca-file', await caFile()])).toMatchObject({ code: 0 });
    expect(await tranship(['digest', `${secure.host}/x:1`, '--insecure'])).toMatchObject({ code: 0 });
    expect(await tranship(['digest', `${secure.host}/x:1`, '--insecure-for', secure.host])).toMatchObject({ code: 0 });
  });

  test('a host that nothing answers at', async () => {
    const gone = await startEmbedded();
    await gone[Symbol.asyncDispose]();
    const done = await tranship(['copy', `${gone.host}/app:1`, `oci:${join(folder, 'gone')}`]);
    expectFailure(done, { code: 'E_UNREACHABLE', exit: 75, words: ['source', gone.host] });
  }, 60_000);
});

describe('what is wrong at the destination', () => {
  test('it is read-only', async () => {
    await using closed = await startEmbedded({ readOnly: true });
    const done = await tranship(['copy', app, `${closed.host}/x:1`]);
    expectFailure(done, { code: 'E_READ_ONLY', exit: 7, words: ['destination', closed.host, 'said'] });
  });

  test('a tag is immutable and has other content', async () => {
    await using fixed = await startEmbedded({ personality: { immutableTags: true } });
    await tranship(['copy', `${source.host}/corpus/multi:latest`, `${fixed.host}/x:1`]);
    const before = await tranship(['digest', `${fixed.host}/x:1`]);
    const done = await tranship(['copy', app, `${fixed.host}/x:1`]);
    expectFailure(done, { code: 'E_TAG_IMMUTABLE', exit: 6, words: ['destination', `${fixed.host}/x`] });
    expect((await tranship(['digest', `${fixed.host}/x:1`])).stdout).toBe(before.stdout);
  });

  test('its quota is used up', async () => {
    await using full = await startEmbedded({ personality: { quotaBytes: 10 } });
    const done = await tranship(['copy', app, `${full.host}/x:1`]);
    expectFailure(done, { code: 'E_QUOTA', exit: 7, words: ['destination', full.host] });
    await expectNothingIn(full);
  });

  test('a folder holds something else', async () => {
    const other = join(folder, 'other');
    await mkdir(other);
    await writeFile(join(other, 'diary.txt'), 'dear diary');
    const done = await tranship(['copy', app, `oci:${other}:1`]);
    expectFailure(done, { code: 'E_NOT_A_LAYOUT', exit: 1, words: ['destination', other] });
    expect(await readdir(other)).toEqual(['diary.txt']);
  });

  test('one of two fails: the other has it, and the exit code says "partly"', async () => {
    await using closed = await startEmbedded({ readOnly: true });
    await using open = await startEmbedded();
    const done = await tranship(['copy', app, `${closed.host}/x:1`, `${open.host}/x:1`]);
    expect(done.code).toBe(3);
    expect(done.stderr).toContain('E_READ_ONLY');
    expect(done.stdout).toMatch(new RegExp(`^${open.host}/x@sha256:[0-9a-f]{64}\n$`));
  });
});

interface Expected {
  readonly code?: string;
  readonly exit: number;
  readonly words?: readonly string[];
}

/** One error, in the shape that all have, and nothing on standard output. */
function expectFailure(done: Finished, { code, exit, words = [] }: Expected): void {
  expect(done).toMatchObject({ stdout: '' });
  expect(done.stderr.match(/^✖ /gm)).toHaveLength(1);
  if (code !== undefined) expect(done.stderr).toContain(`(${code})`);
  for (const word of words) expect(done.stderr).toContain(word);
  expect(done.code).toBe(exit);
  expect(done.stderr).toContain('→ ');
}

/** No tag, and no upload that was begun and left. */
async function expectNothingIn(registry: EmbeddedRegistry): Promise<void> {
  const answer = await fetch(`${registry.url}/v2/x/tags/list`);
  const { tags = [] } = (await answer.json()) as { tags?: readonly string[] };
  expect(tags ?? []).toEqual([]);
  const begun = registry.seen(/^POST .*\/blobs\/uploads\//).filter(({ status }) => status === 202);
  const completed = registry.seen(/^PUT .*\/blobs\/uploads\//).filter(({ status }) => status === 201);
  const cancelled = registry.seen(/^DELETE .*\/blobs\/uploads\//);
  expect(completed.length + cancelled.length).toBeGreaterThanOrEqual(begun.length);
}

async function caFile(): Promise<string> {
  const path = join(folder, 'ca.pem');
  await writeFile(path, authority.cert);
  return path;
}
