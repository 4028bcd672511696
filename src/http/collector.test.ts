import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Collector } from './collector.ts';

/** Reads as a socket does: into the room that it was given, asking for new room after each read. */
function fill(collector: Collector, bytes: Buffer, most: number): void {
  for (let at = 0; at < bytes.length; ) {
    const room = collector.room();
    const count = Math.min(room.length, most, bytes.length - at);
    bytes.copy(room, 0, at, at + count);
    collector.advance(count);
    at += count;
  }
}

test('whatever the sizes of reads, the body is whole, with its length known or not', async () => {
  const cases = [fc.uint8Array({ maxLength: 60_000 }), fc.integer({ min: 1, max: 30_000 }), fc.boolean()] as const;
  await fc.assert(
    fc.asyncProperty(...cases, async (body, most, isKnown) => {
      const onMore = vi.fn<() => void>();
      const collector = new Collector({ length: isKnown ? body.length : undefined, limit: 100_000, onMore });
      fill(collector, Buffer.from(body), most);
      collector.end();
      expect((await collector.whole).equals(body)).toBe(true);
      expect(onMore).not.toHaveBeenCalled();
    }),
    { numRuns: 50 },
  );
});

test('a body of just the limit is whole', async () => {
  const onMore = vi.fn<() => void>();
  const collector = new Collector({ length: undefined, limit: 20_000, onMore });
  fill(collector, Buffer.alloc(20_000, 'x'), 7_000);
  collector.end();
  expect(await collector.whole).toHaveLength(20_000);
  expect(onMore).not.toHaveBeenCalled();
});

test('of a body beyond the limit the beginning is kept, and what still comes changes nothing', async () => {
  const onMore = vi.fn<() => void>();
  const collector = new Collector({ length: undefined, limit: 20_000, onMore });
  fill(collector, Buffer.alloc(20_001, 'x'), 7_000);
  fill(collector, Buffer.alloc(90_000, 'y'), 50_000);
  expect((await collector.whole).equals(Buffer.alloc(20_000, 'x'))).toBe(true);
  expect(onMore).toHaveBeenCalledTimes(1);
});

test('memory is not taken for a length that is beyond the limit', () => {
  const collector = new Collector({ length: 10 ** 12, limit: 1000, onMore() {} });
  expect(collector.room().length).toBeLessThanOrEqual(1001);
});

test('a failure is for whoever waits, and for nobody else', async () => {
  const collector = new Collector({ length: 5, limit: 10, onMore() {} });
  const broken = new Error('broken');
  collector.fail(broken);
  await expect(collector.whole).rejects.toBe(broken);
});
