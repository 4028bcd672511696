import type { Readable } from 'node:stream';
import { fault } from './fault.ts';

/** A request's whole body; 413 beyond `limit` bytes. */
export async function readBody(request: Readable, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limit) throw fault(413, 'SIZE_INVALID', `at most ${limit} bytes are taken`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}
