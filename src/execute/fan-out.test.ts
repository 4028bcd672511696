import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pooledSource, readAll } from '../../test/kit/pooled.ts';
import { FanOut } from './fan-out.ts';

const content = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 11 + (at >> 8)) & 255));
const patient = { rendezvousMs: 60_000, laggardMs: 60_000 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('one download for several readers', () => {
  it('is read once, and all get every byte', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 3, patient);
    const branches = [1, 2, 3].map(() => fanOut.branch());
    const read = await Promise.all(branches.map(async (branch) => readAll(await branch.open(0))));
    for (const bytes of read) expect(bytes.equals(content)).toBe(true);
    expect(source.opened).toEqual([0]);
    expect(source.outstanding).toBe(0);
  });

  it('waits for those who are expected, and not for those who leave', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 3, patient);
    const [one, two, three] = [fanOut.branch(), fanOut.branch(), fanOut.branch()];
    const reading = [one, two].map(async (branch) => readAll(await branch.open(0)));
    await turn();
    expect(source.opened).toEqual([]);
    three.leave();
    for (const bytes of await Promise.all(reading)) expect(bytes.equals(content)).toBe(true);
    expect(source.opened).toEqual([0]);
  });

  it('begins after a while without those who never come', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, { rendezvousMs: 5, laggardMs: 60_000 });
    const [early, late] = [fanOut.branch(), fanOut.branch()];
    expect((await readAll(await early.open(0))).equals(content)).toBe(true);
    expect((await readAll(await late.open(0))).equals(content)).toBe(true);
    expect(source.opened).toEqual([0, 0]);
  });

  it('costs a single reader nothing: it gets the source itself', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, patient);
    fanOut.branch().leave();
    expect((await readAll(await fanOut.branch().open(0))).equals(content)).toBe(true);
    expect(source.outstanding).toBe(0);
  });

  it('goes on for the others when one stops reading', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, patient);
    const [quitter, stayer] = [fanOut.branch(), fanOut.branch()];
    const reading = stayer.open(0).then(readAll);
    for await (const chunk of await quitter.open(0)) {
      chunk.release();
      break;
    }
    expect((await reading).equals(content)).toBe(true);
    expect(source.opened).toEqual([0]);
    expect(source.outstanding).toBe(0);
  });

  it('stops when nobody reads any more, and gives back what was read ahead', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, patient);
    await Promise.all(
      [fanOut.branch(), fanOut.branch()].map(async (branch) => {
        for await (const chunk of await branch.open(0)) {
          chunk.release();
          break;
        }
      }),
    );
    await turn();
    expect(source.outstanding).toBe(0);
  });

  it('is not held up by a reader that opened and never took a byte, once it left', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, patient);
    const [idle, busy] = [fanOut.branch(), fanOut.branch()];
    await idle.open(0);
    const reading = busy.open(0).then(readAll);
    await turn();
    idle.leave();
    expect((await reading).equals(content)).toBe(true);
    expect(source.outstanding).toBe(0);
  });

  it('splits a laggard off to a download of its own, from where it stands', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, { rendezvousMs: 60_000, laggardMs: 10 });
    const [slow, quick] = [fanOut.branch(), fanOut.branch()];
    const stream = await slow.open(0);
    const iterator = stream[Symbol.asyncIterator]();
    const quickly = quick.open(0).then(readAll);
    const first = await iterator.next();
    if (first.done) throw new Error('nothing came');
    const begin = Buffer.from(first.value.bytes);
    expect((await quickly).equals(content)).toBe(true);
    first.value.release();
    const rest = await readAll({ [Symbol.asyncIterator]: () => iterator });
    expect(Buffer.concat([begin, rest]).equals(content)).toBe(true);
    expect(source.opened).toEqual([0, 1000]);
    expect(source.outstanding).toBe(0);
  });

  it('fails for all when the source fails, each hearing why', async () => {
    const source = pooledSource(content, { breakAt: 20_000, breaks: 1 });
    const fanOut = new FanOut(source, 2, patient);
    const reading = [fanOut.branch(), fanOut.branch()].map(async (branch) => readAll(await branch.open(0)));
    const results = await Promise.allSettled(reading);
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'the line broke' } });
    expect(source.outstanding).toBe(0);
  });

  it('lets one try again at an offset while the others go on', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, patient);
    const [retrying, steady] = [fanOut.branch(), fanOut.branch()];
    const steadily = steady.open(0).then(readAll);
    for await (const chunk of await retrying.open(0)) {
      chunk.release();
      break;
    }
    expect((await readAll(await retrying.open(30_000))).equals(content.subarray(30_000))).toBe(true);
    expect((await steadily).equals(content)).toBe(true);
    expect(source.opened.toSorted((a, b) => a - b)).toEqual([0, 30_000]);
  });

  it('hears a reader\u2019s abort, and that reader alone', async () => {
    const source = pooledSource(content);
    const fanOut = new FanOut(source, 2, patient);
    const [stopped, steady] = [fanOut.branch(), fanOut.branch()];
    const stop = new AbortController();
    const iterator = (await stopped.open(0, { signal: stop.signal }))[Symbol.asyncIterator]();
    const steadily = steady.open(0).then(readAll);
    const first = await iterator.next();
    if (!first.done) first.value.release();
    stop.abort(new Error('enough'));
    await expect(readAll({ [Symbol.asyncIterator]: () => iterator })).rejects.toThrow('enough');
    expect((await steadily).equals(content)).toBe(true);
    expect(source.outstanding).toBe(0);
  });

  it('whoever reads how fast, stops when and comes back where: bytes are right and buffers come back', async () => {
    const behaviour = fc.record({ pauses: fc.nat(3), quitAfter: fc.option(fc.nat(60)), leaves: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(behaviour, { minLength: 1, maxLength: 5 }), fc.nat(1), async (readers, laggardMs) => {
        const source = pooledSource(content);
        const fanOut = new FanOut(source, readers.length, { rendezvousMs: 3, laggardMs });
        await Promise.all(
          readers.map(async ({ pauses, quitAfter, leaves }) => {
            const branch = fanOut.branch();
            if (leaves) branch.leave();
            let at = 0;
            let left = quitAfter ?? Number.POSITIVE_INFINITY;
            for await (const chunk of await branch.open(0)) {
              for (let pause = 0; pause < pauses; pause++) await turn();
              const right = content.subarray(at, at + chunk.bytes.length).equals(chunk.bytes);
              at += chunk.bytes.length;
              chunk.release();
              expect(right).toBe(true);
              left -= 1;
              if (left < 0) break;
            }
            branch.leave();
            if (quitAfter === null) expect(at).toBe(content.length);
          }),
        );
        await turn();
        expect(source.outstanding).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
