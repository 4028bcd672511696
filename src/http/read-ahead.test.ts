import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BufferPool } from '../kit/buffer-pool.ts';
import type { Chunk } from '../oci/ports.ts';
import { limits } from './limits.ts';
import { ReadAhead } from './read-ahead.ts';

/** A socket as Node's is: it reads into the room that it was last given, and asks for new room only after a read. */
class Socket {
  readonly #bytes: Buffer;
  readonly #body: ReadAhead;
  #room: Buffer;
  #at = 0;
  open = true;

  constructor(bytes: Buffer, pool: BufferPool) {
    this.#bytes = bytes;
    this.#body = new ReadAhead(pool, { open: () => this.goOn(), abandon: () => this.stop() });
    this.#room = this.#body.room();
    if (bytes.length === 0) this.#body.end();
  }

  get body(): ReadAhead {
    return this.#body;
  }

  goOn(): void {
    this.open = true;
  }

  stop(): void {
    this.open = false;
  }

  read(most: number): void {
    const count = Math.min(most, this.#room.length, this.#bytes.length - this.#at);
    if (!this.open || count === 0) return;
    this.#bytes.copy(this.#room, 0, this.#at, this.#at + count);
    this.#at += count;
    this.#body.advance(count);
    this.open = !this.#body.full;
    if (this.#at < this.#bytes.length) this.#room = this.#body.room();
    else this.#body.end();
  }
}

const KiB = 1024;
const reads = fc.array(fc.integer({ min: 1, max: 90 * KiB }), { minLength: 1, maxLength: 40 });

test('whatever the sizes of reads and the pace of the consumer, the bytes come in order and every buffer comes back', async () => {
  await fc.assert(
    fc.asyncProperty(
      reads,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
      fc.nat(400 * KiB),
      async (sizes, pace, length) => {
        const bytes = Buffer.alloc(length);
        for (let index = 0; index < length; index += 97) bytes[index] = index % 251;
        const pool = new BufferPool(64 * KiB, 100);
        const socket = new Socket(bytes, pool);
        const got: Buffer[] = [];
        const held: Chunk[] = [];
        const take = async () => {
          const next = await socket.body.next();
          if (next.done === true) return false;
          got.push(Buffer.from(next.value.bytes));
          held.push(next.value);
          return true;
        };
        let more = true;
        for (let round = 0; more; round += 1) {
          const taking = take();
          socket.read(sizes[round % sizes.length] ?? 1);
          if (pace[round % pace.length] === true) await new Promise((resolve) => setImmediate(resolve));
          for (const chunk of held.splice(0)) chunk.release();
          socket.read(sizes[(round + 1) % sizes.length] ?? 1);
          more = await taking;
        }
        for (const chunk of held) chunk.release();
        expect(Buffer.concat(got).equals(bytes)).toBe(true);
        // As many as were ever taken lie in the pool again.
        const taken = new Set(Array.from({ length: pool.free }, () => pool.take()));
        expect(taken.size).toBeLessThanOrEqual(limits.readBuffers + 2);
      },
    ),
    { numRuns: 60 },
  );
});

test('the socket stops while the consumer holds all buffers, and goes on when one comes back', async () => {
  const socket = new Socket(Buffer.alloc(1024 * KiB), new BufferPool(64 * KiB, 10));
  for (let full = 1; full < limits.readBuffers; full += 1) {
    expect(socket.open).toBe(true);
    socket.read(64 * KiB);
  }
  expect(socket.open).toBe(false);
  expect(socket.body.full).toBe(true);
  const { value } = await socket.body.next();
  expect(socket.open).toBe(false);
  value?.release();
  value?.release();
  expect(socket.open).toBe(true);
});

test('a failure comes after the bytes that came before it', async () => {
  const socket = new Socket(Buffer.from('abcdef'), new BufferPool(64 * KiB, 10));
  socket.read(3);
  const broken = new Error('broken');
  socket.body.fail(broken);
  const { value } = await socket.body.next();
  expect(String(Buffer.from(value?.bytes ?? []))).toBe('abc');
  await expect(socket.body.next()).rejects.toBe(broken);
});

test('who stops reading gives everything back', async () => {
  const pool = new BufferPool(64 * KiB, 10);
  const socket = new Socket(Buffer.alloc(500 * KiB), pool);
  socket.read(64 * KiB);
  socket.read(10);
  await socket.body.return();
  expect(socket.open).toBe(false);
  expect(pool.free).toBe(2);
  expect(await socket.body.next()).toEqual({ done: true, value: undefined });
});

test('a body of nothing ends at once', async () => {
  const pool = new BufferPool(64 * KiB, 10);
  const { body } = new Socket(Buffer.alloc(0), pool);
  expect(await body.next()).toEqual({ done: true, value: undefined });
  expect(pool.free).toBe(1);
});
