import { describe, expect, it } from 'vitest';
import { blobOf, openTestClient, readAll, repositoryName, someBytes } from '../../test/kit/client.ts';
import { errorReply, type Personality, startScripted } from '../../test/kit/scripted-registry.ts';

const app = repositoryName('apps/api');
const KiB = 1024;
const MiB = 1024 * KiB;

describe('reading a blob', () => {
  it('reads the whole of it, and its end from an offset', async () => {
    await using server = await startScripted();
    await using client = openTestClient(server.host);
    const bytes = someBytes(300 * KiB);
    const blob = blobOf(bytes);
    server.store.blobs.set(blob.digest, bytes);
    const repository = client.registry.repository(app);

    expect((await readAll(await repository.openBlob(blob, 0))).equals(bytes)).toBe(true);
    expect((await readAll(await repository.openBlob(blob, 299 * KiB))).equals(bytes.subarray(299 * KiB))).toBe(true);
    expect(await repository.hasBlob(blob)).toBe(true);
  });

  it('asks for nothing where nothing is left to read', async () => {
    await using server = await startScripted();
    await using client = openTestClient(server.host);
    const blob = blobOf(someBytes(10));

    expect(await readAll(await client.registry.repository(app).openBlob(blob, 10))).toHaveLength(0);
    expect(server.log).toEqual([]);
  });

  it('goes on at the registry after a cut at any 64 KiB of 4 MiB, and reads hardly a byte twice', async () => {
    const bytes = someBytes(4096 * KiB);
    const blob = blobOf(bytes);
    let cutAt = 0;
    let sent = 0;
    const cutting: Personality = async (seen, next) => {
      const reply = await next();
      if (seen.method !== 'GET' || reply.status >= 300 || !seen.path.includes('/blobs/')) return reply;
      const length = Buffer.from(reply.body ?? '').length;
      const isFirst = seen.headers.range === undefined;
      sent += isFirst ? cutAt : length;
      return isFirst ? { ...reply, cutAfter: cutAt } : reply;
    };
    await using server = await startScripted(cutting);
    server.store.blobs.set(blob.digest, bytes);
    await using client = openTestClient(server.host);
    const repository = client.registry.repository(app);

    for (cutAt = 64 * KiB; cutAt < bytes.length; cutAt += 64 * KiB) {
      sent = 0;
      const read = await readAll(await repository.openBlob(blob, 0));
      expect(read.equals(bytes)).toBe(true);
      expect(sent).toBeLessThanOrEqual(bytes.length * 1.05);
    }
  });

  it('skips what it has where a registry ignores ranges, as Quay on local storage does', async () => {
    const bytes = someBytes(500 * KiB);
    const blob = blobOf(bytes);
    let answers = 0;
    const rangeless: Personality = (seen) => {
      if (seen.method !== 'GET') return { status: 200 };
      answers++;
      return { status: 200, body: bytes, ...(answers === 1 && { cutAfter: 200 * KiB }) };
    };
    await using server = await startScripted(rangeless);
    await using client = openTestClient(server.host);

    const read = await readAll(await client.registry.repository(app).openBlob(blob, 0));

    expect(read.equals(bytes)).toBe(true);
    expect(answers).toBe(2);
  });

  it.each([
    ['another start', 'bytes 5-99/100'],
    ['another total', 'bytes 10-99/101'],
    ['nothing readable', 'ten to the end'],
  ])('refuses a part with %s', async (_what, contentRange) => {
    const bytes = someBytes(100);
    const lying: Personality = () => ({
      status: 206,
      headers: { 'content-range': contentRange },
      body: bytes.subarray(10),
    });
    await using server = await startScripted(lying);
    await using client = openTestClient(server.host);

    await expect(client.registry.repository(app).openBlob(blobOf(bytes), 10)).rejects.toMatchObject({
      code: 'E_SIZE_MISMATCH',
      failure: 'temporary',
    });
  });

  /** What a registry sends of the part that begins at `start`, and to which byte it says that it goes. */
  const parts =
    (most: number, told: (start: number) => number, bytes: Buffer): Personality =>
    (seen) => {
      const start = Number(/^bytes=(\d+)-$/.exec(seen.headers['range'] ?? '')?.[1] ?? 0);
      const headers = { 'content-range': `bytes ${start}-${told(start)}/${bytes.length}` };
      return { status: 206, headers, body: bytes.subarray(start, start + most) };
    };

  it.each([
    ['and says so', (start: number) => start + MiB - 1],
    ['and says that it sends all', () => 5 * MiB - 1],
  ])('goes on where a registry sends no more than so much at a time, %s', async (_what, told) => {
    const bytes = someBytes(5 * MiB);
    await using server = await startScripted(parts(MiB, told, bytes));
    await using client = openTestClient(server.host);
    const stream = await client.registry.repository(app).openBlob(blobOf(bytes), 0);
    expect((await readAll(stream)).equals(bytes)).toBe(true);
    expect(server.log).toHaveLength(5);
  });

  it('gives up on one that sends hardly anything at a time, and on one that sends more than there is', async () => {
    const bytes = someBytes(5 * MiB);
    await using miser = await startScripted(parts(1000, (start) => start + 999, bytes));
    await using client = openTestClient(miser.host);
    const stream = await client.registry.repository(app).openBlob(blobOf(bytes), 0);
    await expect(readAll(stream)).rejects.toMatchObject({ code: 'E_CUT' });

    const more = Buffer.concat([bytes, someBytes(10)]);
    const boasts: Personality = () => ({
      status: 206,
      headers: { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` },
      body: more,
    });
    await using boaster = await startScripted(boasts);
    await using other = openTestClient(boaster.host);
    const whole = await other.registry.repository(app).openBlob(blobOf(bytes), 0);
    await expect(readAll(whole)).rejects.toMatchObject({ code: 'E_SIZE_MISMATCH' });
  });

  it('refuses a body of another length than the manifest names', async () => {
    await using server = await startScripted(() => ({ status: 200, body: someBytes(101) }));
    await using client = openTestClient(server.host);

    await expect(client.registry.repository(app).openBlob(blobOf(someBytes(100)), 0)).rejects.toMatchObject({
      code: 'E_SIZE_MISMATCH',
    });
  });

  it('gives up on a registry that cuts each time before anything comes', async () => {
    const bytes = someBytes(100 * KiB);
    await using server = await startScripted(() => ({ status: 200, body: bytes, cutAfter: 10 }));
    await using client = openTestClient(server.host);
    const stream = await client.registry.repository(app).openBlob(blobOf(bytes), 0);

    await expect(readAll(stream)).rejects.toMatchObject({ code: 'E_CUT', failure: 'temporary' });
    expect(server.seen('GET').length).toBeLessThanOrEqual(6);
  });

  it('says which blob a registry lost', async () => {
    await using server = await startScripted();
    await using client = openTestClient(server.host);
    const blob = blobOf(someBytes(10));

    await expect(client.registry.repository(app).openBlob(blob, 0)).rejects.toMatchObject({
      code: 'E_BLOB_UNKNOWN',
      subject: `${server.host}/apps/api@${blob.digest}`,
    });
  });

  it.each([0, 5])('holds no connection for a body that nobody reads, opened at %d', async (offset) => {
    const bytes = someBytes(3000 * KiB);
    const blob = blobOf(bytes);
    await using server = await startScripted(() => ({ status: 200, body: bytes }));
    await using client = openTestClient(server.host, { http: { settings: () => ({ concurrency: 2 }) } });
    const repository = client.registry.repository(app);
    for (let opened = 0; opened < 12; opened++) {
      const stream = await repository.openBlob(blob, offset);
      await stream[Symbol.asyncIterator]().return?.();
    }
    expect((await readAll(await repository.openBlob(blob, 0))).equals(bytes)).toBe(true);
  });

  it('stops reading when the run is cancelled', async () => {
    const bytes = someBytes(3000 * KiB);
    const blob = blobOf(bytes);
    await using server = await startScripted();
    server.store.blobs.set(blob.digest, bytes);
    await using client = openTestClient(server.host);
    const abort = new AbortController();
    const stream = await client.registry.repository(app).openBlob(blob, 0, { signal: abort.signal });

    const reading = (async () => {
      for await (const chunk of stream) {
        chunk.release();
        abort.abort(new Error('enough'));
      }
    })();

    await expect(reading).rejects.toThrow('enough');
    expect(server.seen('GET')).toHaveLength(1);
  });
});

describe('asking whether a blob is there', () => {
  it.each([
    ['it is not found', errorReply(404, 'BLOB_UNKNOWN')],
    ['HEAD is not allowed', { status: 405 }],
    ['the registry fails for good', { status: 500 }],
    ['another size is announced', { status: 200, body: 'other' }],
  ])('takes it for absent when %s', async (_what, reply) => {
    await using server = await startScripted(() => reply);
    await using client = openTestClient(server.host);

    expect(await client.registry.repository(app).hasBlob(blobOf(someBytes(10)))).toBe(false);
  });
});
