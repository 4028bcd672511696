import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test, vi } from 'vitest';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { closed, codesOf, expectStatus, hangingPatch, RawClient, until } from '../../test/kit/embedded-client.ts';
import {
  present,
  sampleBlob,
  sampleImage,
  sampleIndex,
  sourceOf,
  tag,
  tempFolder,
} from '../../test/kit/embedded-samples.ts';
import { blobPath } from '../layout/blob-files.ts';
import { openLayout } from '../layout/layout.ts';
import { startRegistry } from './start.ts';

describe('what is confirmed', () => {
  test('is there after a restart', async () => {
    await using folder = await tempFolder();
    const image = sampleImage('kept');
    {
      await using registry = await startEmbedded({ root: folder.path });
      await new RawClient(registry.url).pushImage('apps/api', 'v1', image);
    }
    await using registry = await startEmbedded({ root: folder.path });
    const client = new RawClient(registry.url);
    expect(await client.digest('apps/api', 'v1')).toBe(image.descriptor.digest);
    const { descriptor, bytes } = present(image.blobs[1]);
    const blob = await client.send('GET', `/v2/apps/api/blobs/${descriptor.digest}`);
    expect(Buffer.from(await blob.arrayBuffer())).toEqual(bytes);
  });

  test('is there after the process was killed in the middle of its work', async () => {
    await using folder = await tempFolder();
    const script = `import { startRegistry } from ${JSON.stringify(join(import.meta.dirname, 'start.ts'))};
      console.log((await startRegistry({ root: ${JSON.stringify(folder.path)} })).url);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    const client = new RawClient(url);
    const confirmed = new Set<string>();
    const pushing = Array.from({ length: 30 }, async (_, at) => {
      await client.pushImage('apps/api', `t${at}`, sampleImage(`image ${at}`));
      confirmed.add(`t${at}`);
      if (confirmed.size === 10) child.kill('SIGKILL');
    });
    await Promise.allSettled(pushing);
    await using registry = await startEmbedded({ root: folder.path });
    const after = new RawClient(registry.url);
    const tags = await after.tags('apps/api');
    for (const name of confirmed) expect(tags).toContain(name);
    for (const name of tags) {
      const manifest = (await (await after.send('GET', `/v2/apps/api/manifests/${name}`)).json()) as {
        config: { digest: string };
        layers: { digest: string }[];
      };
      for (const { digest } of [manifest.config, ...manifest.layers]) {
        expect(await after.status('HEAD', `/v2/apps/api/blobs/${digest}`)).toBe(200);
      }
    }
  });

  test('can be taken away as an image layout', async () => {
    await using folder = await tempFolder();
    const [amd, arm] = [sampleImage('amd64'), sampleImage('arm64')];
    const index = sampleIndex([amd, arm]);
    {
      await using registry = await startEmbedded({ root: folder.path });
      const client = new RawClient(registry.url);
      await client.pushImage('apps/api', 'amd', amd);
      await client.pushImage('apps/api', 'arm', arm);
      await expectStatus(201, client.pushManifest('apps/api', 'v1', index));
    }
    const layout = await openLayout(join(folder.path, 'repositories', 'apps+api'));
    expect(await Array.fromAsync(layout.listTags())).toEqual(['amd', 'arm', 'v1']);
    expect(Buffer.from((await layout.fetchManifest(tag('v1'))).bytes)).toEqual(index.bytes);
    expect(await layout.hasBlob(present(amd.blobs[0]).descriptor)).toBe(true);
  });

  test('can be read as an image layout while it is served', async () => {
    await using registry = await startEmbedded();
    await new RawClient(registry.url).pushImage('app', 'v1', sampleImage('one'));
    const layout = await openLayout(join(registry.root, 'repositories', 'app'));
    expect(await Array.fromAsync(layout.listTags())).toEqual(['v1']);
  });
});

describe('a folder that is an image layout', () => {
  test('is served with its tags, under its own name, children of its indexes and referrers included', async () => {
    await using folder = await tempFolder();
    const dir = join(folder.path, 'MyApp');
    const layout = await openLayout(dir, { mode: 'create' });
    const child = sampleImage('child');
    const index = sampleIndex([child]);
    const signature = sampleImage('signature', { subject: index.descriptor });
    for (const { descriptor, bytes } of [...child.blobs, ...signature.blobs]) {
      await layout.pushBlob(descriptor, sourceOf(bytes));
    }
    await layout.pushManifest(child, []);
    await layout.pushManifest(index, [tag('v1')]);
    await layout.pushManifest(signature, []);
    await using registry = await startEmbedded({ root: dir });
    const client = new RawClient(registry.url);
    expect(await (await client.send('GET', '/v2/_catalog')).json()).toEqual({ repositories: ['myapp'] });
    expect(await client.digest('myapp', 'v1')).toBe(index.descriptor.digest);
    expect(await client.digest('myapp', child.descriptor.digest)).toBe(child.descriptor.digest);
    expect(await client.digest('myapp', present(child.blobs[0]).descriptor.digest)).toBeUndefined();
    const listed = await client.send('GET', `/v2/myapp/referrers/${index.descriptor.digest}`);
    expect(((await listed.json()) as { manifests: unknown[] }).manifests).toHaveLength(1);
  });

  test('takes pushes, and is a layout afterwards', async () => {
    await using folder = await tempFolder();
    await openLayout(folder.path, { mode: 'create' });
    {
      await using registry = await startEmbedded({ root: folder.path, layoutName: 'some/app' });
      const client = new RawClient(registry.url);
      await client.pushImage('some/app', 'v1', sampleImage('one'));
      const elsewhere = await client.pushManifest('another', 'v1', sampleIndex([]));
      expect([elsewhere.status, await codesOf(elsewhere)]).toEqual([404, ['NAME_UNKNOWN']]);
    }
    expect(await Array.fromAsync((await openLayout(folder.path)).listTags())).toEqual(['v1']);
    expect((await folder.files()).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('an upload', () => {
  const { descriptor, bytes } = sampleBlob('0123456789'.repeat(1000));

  test('that was cut keeps what came and goes on from there', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    const location = await client.begin('app');
    const socket = await hangingPatch(registry.url, location, bytes.length, bytes.subarray(0, 4000));
    socket.destroy();
    await until(
      () => client.received(location),
      (range) => range === '0-3999',
    );
    const headers = { 'content-range': `4000-${bytes.length - 1}` };
    await expectStatus(202, client.send('PATCH', location, { body: bytes.subarray(4000), headers }));
    expect(await client.status('PUT', `${location}?digest=${descriptor.digest}`)).toBe(201);
  });

  test('outlives the server', async () => {
    await using folder = await tempFolder();
    let location = '';
    {
      await using registry = await startEmbedded({ root: folder.path });
      const client = new RawClient(registry.url);
      location = await client.begin('app');
      await client.send('PATCH', location, { body: bytes.subarray(0, 5000) });
    }
    await using registry = await startEmbedded({ root: folder.path });
    const client = new RawClient(registry.url);
    expect(await client.received(location)).toBe('0-4999');
    const put = client.send('PUT', `${location}?digest=${descriptor.digest}`, { body: bytes.subarray(5000) });
    await expectStatus(201, put);
  });

  test('is taken over from a request that still hangs', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    const location = await client.begin('app');
    const socket = await hangingPatch(registry.url, location, bytes.length, bytes.subarray(0, 100));
    const gone = closed(socket);
    await until(
      () => client.received(location),
      (range) => range === '0-99',
    );
    const headers = { 'content-range': '9-9' };
    const answer = await client.send('PATCH', location, { headers, body: Buffer.from('x') });
    expect([answer.status, answer.headers.get('range')]).toEqual([416, '0-99']);
    await gone;
    const rest = bytes.subarray(100);
    await expectStatus(201, client.send('PUT', `${location}?digest=${descriptor.digest}`, { body: rest }));
  });

  test('that came under another digest algorithm than it was begun for is hashed again', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    const long = sampleBlob(bytes, 'sha512');
    const location = await client.begin('app', '?digest-algorithm=sha256');
    await client.send('PATCH', location, { body: bytes });
    await expectStatus(201, client.send('PUT', `${location}?digest=${long.descriptor.digest}`));
    expect(await client.status('HEAD', `/v2/app/blobs/${long.descriptor.digest}`)).toBe(200);
  });

  test('with the wrong content leaves nothing, neither blob nor session', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    const location = await client.begin('app');
    const answer = await client.send('PUT', `${location}?digest=${descriptor.digest}`, { body: Buffer.from('wrong') });
    expect([answer.status, await codesOf(answer)]).toEqual([400, ['DIGEST_INVALID']]);
    expect(await client.received(location)).toBeUndefined();
    expect(await client.status('HEAD', `/v2/app/blobs/${descriptor.digest}`)).toBe(404);
  });

  test('of one blob by many at once is stored once and right', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    const repositories = Array.from({ length: 12 }, (_, at) => `app${at % 4}`);
    await Promise.all(repositories.map((name) => expectStatus(201, client.pushBlob(name, { descriptor, bytes }))));
    expect((await stat(blobPath(registry.root, descriptor.digest))).nlink).toBe(5);
    const blob = await client.send('GET', `/v2/app3/blobs/${descriptor.digest}`);
    expect(Buffer.from(await blob.arrayBuffer())).toEqual(bytes);
  });

  test('larger than allowed is refused while it comes', async () => {
    await using registry = await startEmbedded({ largestBlob: 100 });
    const client = new RawClient(registry.url);
    const location = await client.begin('app');
    const answer = await client.send('PATCH', location, { body: bytes });
    expect([answer.status, await codesOf(answer)]).toEqual([413, ['SIZE_INVALID']]);
  });

  test('that nobody touched for a day is removed at the next start, a younger one is not', async () => {
    await using folder = await tempFolder();
    const now = Date.now();
    const places: string[] = [];
    {
      await using registry = await startEmbedded({ root: folder.path });
      const client = new RawClient(registry.url);
      places.push(await client.begin('app'), await client.begin('app'));
    }
    const old = join(folder.path, 'uploads', 'app', present(present(places[0]).split('/').at(-1)));
    await utimes(old, now / 1000 - 25 * 3600, now / 1000 - 25 * 3600);
    await using registry = await startEmbedded({ root: folder.path, now: () => now });
    const client = new RawClient(registry.url);
    expect(await Promise.all(places.map((place) => client.received(place)))).toEqual([undefined, '0-0']);
  });
});

test('uploads that nobody touched for a day are also removed while the registry runs, and new ones can begin', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    let now = Date.now();
    await using registry = await startEmbedded({ now: () => now });
    const client = new RawClient(registry.url);
    const location = await client.begin('app');
    now += 25 * 3600 * 1000;
    vi.advanceTimersByTime(3600 * 1000);
    await expect.poll(() => client.received(location)).toBeUndefined();
    expect(await client.received(await client.begin('app'))).toBe('0-0');
  } finally {
    vi.useRealTimers();
  }
});

describe('blobs in several repositories', () => {
  const blob = sampleBlob('a base layer');
  const { digest } = blob.descriptor;

  test('are one file on disk, also after a mount', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    await client.pushBlob('one', blob);
    await expectStatus(201, client.send('POST', `/v2/two/blobs/uploads/?mount=${digest}&from=one`));
    await expectStatus(201, client.send('POST', `/v2/three/blobs/uploads/?mount=${digest}`));
    expect((await stat(blobPath(registry.root, digest))).nlink).toBe(4);
  });

  test('are deleted from one and stay in the other, and leave the disk with the last', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    await client.pushBlob('one', blob);
    await client.send('POST', `/v2/two/blobs/uploads/?mount=${digest}&from=one`);
    await expectStatus(202, client.send('DELETE', `/v2/one/blobs/${digest}`));
    expect(await client.status('HEAD', `/v2/one/blobs/${digest}`)).toBe(404);
    expect(await client.status('HEAD', `/v2/two/blobs/${digest}`)).toBe(200);
    await expectStatus(202, client.send('DELETE', `/v2/two/blobs/${digest}`));
    await expect(stat(blobPath(registry.root, digest))).rejects.toThrow('ENOENT');
  });

  test.each([
    ['cut short', 'short'],
    ['changed in a byte', 'a base lazer'],
  ])('that were %s on disk are mended by the next upload, in every repository', async (_, damaged) => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    await client.pushBlob('one', blob);
    await expectStatus(201, client.send('POST', `/v2/two/blobs/uploads/?mount=${digest}&from=one`));
    await writeFile(blobPath(registry.root, digest), damaged);
    await expectStatus(201, client.pushBlob('one', blob));
    for (const name of ['one', 'two']) {
      expect(await (await client.send('GET', `/v2/${name}/blobs/${digest}`)).text()).toBe('a base layer');
    }
  });
});

describe('reading a blob', () => {
  const blob = sampleBlob('0123456789');
  const path = `/v2/app/blobs/${blob.descriptor.digest}`;

  test('in part is for GET; HEAD tells of the whole', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    await client.pushBlob('app', blob);
    const headers = { range: 'bytes=2-4' };
    const part = await client.send('GET', path, { headers });
    expect([part.status, await part.text()]).toEqual([206, '234']);
    const head = await client.send('HEAD', path, { headers });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
  });

  test('that the client has is answered 304', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    await client.pushBlob('app', blob);
    const etag = (await client.send('HEAD', path)).headers.get('etag') ?? '';
    expect((await client.send('GET', path, { headers: { 'if-none-match': `W/"x", ${etag}` } })).status).toBe(304);
    expect((await client.send('GET', path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  test('many times, broken off in the middle, leaves the registry well', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    const large = sampleBlob(Buffer.alloc(8_000_000, 'x'));
    await client.pushBlob('app', large);
    for (let round = 0; round < 20; round++) {
      const stop = new AbortController();
      const answer = await fetch(`${registry.url}/v2/app/blobs/${large.descriptor.digest}`, { signal: stop.signal });
      expect(answer.status).toBe(200);
      stop.abort();
    }
    const whole = await client.send('GET', `/v2/app/blobs/${large.descriptor.digest}`);
    expect(Buffer.from(await whole.arrayBuffer()).equals(large.bytes)).toBe(true);
  });
});

describe('the rules that a registry is started with', () => {
  test('read-only: reads, and answers each write with 405 DENIED', async () => {
    await using folder = await tempFolder();
    {
      await using registry = await startEmbedded({ root: folder.path });
      await new RawClient(registry.url).pushImage('app', 'v1', sampleImage('one'));
    }
    await using registry = await startEmbedded({ root: folder.path, readOnly: true });
    const client = new RawClient(registry.url);
    expect(await client.tags('app')).toEqual(['v1']);
    for (const [method, path] of [
      ['POST', '/v2/app/blobs/uploads/'],
      ['PUT', '/v2/app/manifests/v1'],
      ['DELETE', '/v2/app/manifests/v1'],
    ] as const) {
      const answer = await client.send(method, path);
      expect([answer.status, await codesOf(answer)]).toEqual([405, ['DENIED']]);
    }
  });

  test('no deletes: 405, and everything stays', async () => {
    await using registry = await startEmbedded({ delete: false });
    const client = new RawClient(registry.url);
    const image = sampleImage('one');
    await client.pushImage('app', 'v1', image);
    expect(await client.status('DELETE', '/v2/app/manifests/v1')).toBe(405);
    expect(await client.status('DELETE', `/v2/app/manifests/${image.descriptor.digest}`)).toBe(405);
    expect(await client.tags('app')).toEqual(['v1']);
  });

  test('sparse indexes: refused by default with what is missing, taken and announced where allowed', async () => {
    const index = sampleIndex([sampleImage('absent')]);
    await using strict = await startEmbedded();
    const refused = await new RawClient(strict.url).pushManifest('app', 'v1', index);
    expect([refused.status, await codesOf(refused)]).toEqual([404, ['MANIFEST_BLOB_UNKNOWN']]);
    await using sparse = await startEmbedded({ sparseIndexes: true });
    const client = new RawClient(sparse.url);
    await expectStatus(201, client.pushManifest('app', 'v1', index));
    expect((await client.send('GET', '/v2/')).headers.get('x-sparse-manifest-support')).toBe('1');
  });

  test('a second registry on the same folder is refused', async () => {
    await using registry = await startEmbedded();
    await expect(startRegistry({ root: registry.root })).rejects.toMatchObject({ code: 'E_LOCKED' });
  });

  test('a port in use is an error, and leaves the folder free', async () => {
    await using registry = await startEmbedded();
    await using folder = await tempFolder();
    const options = { root: folder.path, listen: { port: registry.port } };
    await expect(startRegistry(options)).rejects.toThrow('EADDRINUSE');
    await using _other = await startEmbedded({ root: folder.path });
  });

  test('two addresses are told apart in the name: IPv6 in brackets', async () => {
    await using registry = await startEmbedded({ listen: { host: '::1' } });
    expect(registry.host).toBe(`[::1]:${registry.port}`);
    expect(await new RawClient(registry.url).status('GET', '/v2/')).toBe(200);
  });
});

describe('closing', () => {
  test('lets a request in flight end', async () => {
    await using folder = await tempFolder();
    const registry = await startRegistry({ root: folder.path });
    const client = new RawClient(registry.url);
    const { descriptor, bytes } = sampleBlob('slow but sure');
    const location = await client.begin('app');
    const socket = await hangingPatch(registry.url, location, bytes.length, bytes.subarray(0, 4));
    await until(
      () => stat(join(folder.path, 'uploads', 'app', present(location.split('/').at(-1)))),
      () => true,
    );
    const closing = registry.close({ graceMs: 10_000 });
    socket.write(bytes.subarray(4));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toContain('202 Accepted');
    socket.destroy();
    await closing;
    await using again = await startEmbedded({ root: folder.path });
    const put = new RawClient(again.url).send('PUT', `${location}?digest=${descriptor.digest}`);
    await expectStatus(201, put);
  });

  test('breaks off what does not end in time, once', async () => {
    await using folder = await tempFolder();
    const registry = await startRegistry({ root: folder.path });
    const location = await new RawClient(registry.url).begin('app');
    const socket = await hangingPatch(registry.url, location, 100, Buffer.from('x'));
    const gone = closed(socket);
    await Promise.all([registry.close({ graceMs: 1 }), registry.close({ graceMs: 1 })]);
    await gone;
    expect((await folder.files()).filter((name) => name.includes('lock'))).toEqual([]);
  });
});

describe('a layout of a registry that runs', () => {
  test('is not written to by others, whose tag the next writing of the index would lose', async () => {
    await using folder = await tempFolder();
    const dir = join(folder.path, 'repositories', 'apps+api');
    const image = sampleImage('theirs');
    {
      await using registry = await startEmbedded({ root: folder.path });
      await new RawClient(registry.url).pushImage('apps/api', 'v1', sampleImage('ours'));
      const beside = await openLayout(dir, { mode: 'create', lockWaitMs: 0 });
      await expect(beside.pushManifest(image, [tag('v2')])).rejects.toMatchObject({ code: 'E_LOCKED' });
    }
    const after = await openLayout(dir, { mode: 'create', lockWaitMs: 0 });
    await after.pushManifest(image, [tag('v2')]);
    expect(await Array.fromAsync(after.listTags())).toEqual(['v1', 'v2']);
  });
});

describe('what a caller is told', () => {
  test('each request once, with its status and bytes, also one that was cut', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    const blob = sampleBlob(Buffer.alloc(50_000, 1));
    await client.pushBlob('app', blob);
    const [put] = await until(
      async () => registry.seen(/^PUT /),
      ({ length }) => length === 1,
    );
    expect(put).toMatchObject({ status: 201, cut: false });
    expect(present(put).received).toBeGreaterThanOrEqual(50_000);
    const location = await client.begin('app');
    (await hangingPatch(registry.url, location, 100, Buffer.from('x'))).destroy();
    await until(
      async () => registry.seen(/^PATCH /),
      (seen) => seen[0]?.cut === true,
    );
  });

  test('no failure of its own where one request gives up the upload that another one still sends to', async () => {
    const told: unknown[] = [];
    await using registry = await startEmbedded({ onError: (error) => told.push(error) });
    const client = new RawClient(registry.url);
    const location = await client.begin('app');
    const sending = await hangingPatch(registry.url, location, 100, Buffer.from('x'));
    const answer = once(sending, 'data');
    await expectStatus(204, client.send('DELETE', location));
    expect(String(await answer)).toMatch(/^HTTP\/1.1 404 [^]*BLOB_UPLOAD_UNKNOWN/);
    expect(told).toEqual([]);
  });

  test('a failure of its own, while the client gets a 500 and no secret', async () => {
    await using folder = await tempFolder();
    const told: unknown[] = [];
    await using registry = await startEmbedded({ root: folder.path, onError: (error) => told.push(error) });
    const client = new RawClient(registry.url);
    await client.pushImage('app', 'v1', sampleImage('one'));
    const image = sampleImage('two');
    await writeFile(join(folder.path, 'repositories', 'odd'), 'a file where a folder should be');
    const answer = await client.pushManifest('odd', 'v1', image);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain(folder.path);
    expect(told).toHaveLength(1);
  });
});
