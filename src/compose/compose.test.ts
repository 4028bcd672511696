import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { fill } from '../../test/kit/filled.ts';
import { eachBounded } from '../kit/bounded.ts';
import { parseReference } from '../oci/reference.ts';
import type { Event } from '../report/events.ts';
import { hostSettings } from './connection.ts';
import { copy } from './copy.ts';
import { scopeOf } from './diff-scope.ts';
import { pinned } from './place.ts';
import { openSession } from './session.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-compose-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('bounded work', () => {
  test('keeps the order and the width', async () => {
    let running = 0;
    let most = 0;
    const results = await eachBounded([5, 1, 4, 2, 3], 2, async (turns) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      running -= 1;
      return turns * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  test('throws what went wrong', async () => {
    await expect(
      eachBounded([1, 2], 1, (n) => (n === 2 ? Promise.reject(new Error('two')) : Promise.resolve(n))),
    ).rejects.toThrow('two');
    expect(await eachBounded([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});

describe('what is compared', () => {
  test.each([
    ['registry.example.com', 'many'],
    ['127.0.0.1:5000', 'many'],
    ['localhost', 'many'],
    ['localhost:5000', 'many'],
    ['registry:5000', 'many'],
    ['[::1]:5000', 'many'],
    ['https://registry.example.com', 'many'],
    ['registry.example.com/team/', 'many'],
    ['registry.example.com/team', 'repository'],
    ['registry.example.com:5000/team/app', 'repository'],
    ['alpine', 'repository'],
    ['oci:./dir', 'repository'],
    ['alpine:3.20', 'image'],
    ['registry.example.com/app:1.4', 'image'],
    ['[::1]:5000/app:1', 'image'],
    [`registry.example.com/app@sha256:${'0'.repeat(64)}`, 'image'],
    ['oci:./dir:1', 'image'],
    ['docker://registry.example.com/app:1', 'image'],
  ] as const)('%s is %s', (text, scope) => expect(scopeOf(text)).toBe(scope));
});

describe('host settings', () => {
  test('for every host or for those that are named', async () => {
    const all = await hostSettings({ plainHttp: true });
    const some = await hostSettings({ plainHttp: ['lab.example.com'], insecure: ['lab.example.com'] });
    expect(all('any.example.com')).toEqual({ plainHttp: true });
    expect(some('lab.example.com')).toEqual({ plainHttp: true, insecure: true });
    expect(some('docker.io')).toEqual({});
  });

  test('what is said of one host wins', async () => {
    const settings = await hostSettings({ insecure: true, hosts: new Map([['a.example.com', { insecure: false }]]) });
    expect(settings('a.example.com')).toEqual({ insecure: false });
  });

  test.each(['absent', 'empty'])('a file of authorities that is %s is refused', async (kind) => {
    const caFile = join(folder, kind);
    if (kind === 'empty') await writeFile(caFile, '');
    await expect(hostSettings({ caFile })).rejects.toMatchObject({
      code: 'E_CA_FILE',
      failure: 'usage',
      subject: caFile,
    });
  });
});

test('a pinned reference has the digest and no tag', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const { digest: parsed } = parseReference(`x.example.com/y@${digest}`);
  if (parsed === undefined) throw new Error('a digest was written');
  expect(pinned(parseReference('registry.example.com/app:1.4'), parsed)).toBe(`registry.example.com/app@${digest}`);
  expect(pinned(parseReference('oci:./dir:1'), parsed)).toBe(`oci:./dir@${digest}`);
});

describe('a session', () => {
  test('opens one object for one place, and hears every request', async () => {
    await using source = await startEmbedded();
    await fill(source, 'corpus/busybox');
    const heard: Event[] = [];
    await using session = await openSession({ emit: (event) => heard.push(event) });
    const reference = parseReference(`${source.host}/corpus/busybox:1.0`);
    const [one, two] = [await session.open(reference, 'read'), await session.open(reference, 'write')];
    expect(one).toBe(two);
    const layout = parseReference(`oci:${join(folder, 'session')}`);
    expect(await session.open(layout, 'write')).toBe(await session.open(layout, 'write'));
    await copy(session, {
      source: `${source.host}/corpus/busybox:1.0`,
      destinations: [`oci:${join(folder, 'session')}`],
    });
    expect(heard.map(({ type }) => type)).toContain('request');
    expect(heard.at(-1)).toMatchObject({ type: 'copy-finished' });
  });

  test('an archive that is not committed leaves nothing behind', async () => {
    const file = join(folder, 'never.tar');
    {
      await using session = await openSession();
      const place = await session.open(parseReference(`oci-archive:${file}:1`), 'write');
      const bytes = Buffer.from('{}');
      const { digest } = parseReference(
        `x.example.com/y@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a`,
      );
      if (digest === undefined) throw new Error('a digest was written');
      const blob = { digest, size: 2, mediaType: 'application/vnd.oci.empty.v1+json' };
      async function* stream() {
        yield { bytes, release: () => undefined };
      }
      await place.pushBlob(blob, { open: async () => stream() });
      expect(await place.hasBlob(blob)).toBe(true);
    }
    await using again = await openSession();
    await expect(again.open(parseReference(`oci-archive:${file}`), 'read')).rejects.toMatchObject({
      code: 'E_NOT_A_LAYOUT',
    });
  });
});
