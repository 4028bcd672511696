import type { Readable } from 'node:stream';
import type { BatchWriter } from './batch-writer.ts';
import { fault } from './fault.ts';

export interface BodyOptions {
  /** The most bytes taken; more is 413. */
  readonly limit: number;
  /** Breaks the body off. */
  readonly signal: AbortSignal;
  /** Every piece, in order. */
  onBytes(bytes: Uint8Array): void;
}

/** Writes a request's body while the next part of it arrives. A body that is cut short is written up to the cut. */
export async function writeBody(body: Readable, writer: BatchWriter, options: BodyOptions): Promise<void> {
  options.signal.throwIfAborted();
  const breakOff = () => body.destroy(new Error('another request took the upload over'));
  options.signal.addEventListener('abort', breakOff, { once: true });
  try {
    await receive(body, writer, options);
  } finally {
    options.signal.removeEventListener('abort', breakOff);
    await writer.flush();
  }
}

/** Events instead of iteration, because an iteration that a cut ends loses what had arrived and not been asked for. */
function receive(body: Readable, writer: BatchWriter, { limit, onBytes }: BodyOptions): Promise<void> {
  if (body.readableEnded) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let received = 0;
    const keep = (piece: Buffer) => {
      received += piece.length;
      if (received > limit) throw fault(413, 'SIZE_INVALID', 'the body is too large');
      onBytes(piece);
      return writer.add(piece);
    };
    const settle = (error?: unknown) => {
      body.off('data', take).off('end', settle).off('error', cut).off('close', cut);
      if (error === undefined) return resolve();
      // The rest goes by unread: the next request on the connection stands behind it.
      body.resume();
      reject(error);
    };
    const take = (piece: Buffer) => {
      try {
        const full = keep(piece);
        if (full === undefined) return;
        body.pause();
        full.then(() => body.resume(), settle);
      } catch (error) {
        settle(error);
      }
    };
    const cut = (error: unknown = new Error('the connection was cut')) => {
      settle(error);
      for (let piece = body.read(); piece instanceof Buffer && received < limit; piece = body.read()) void keep(piece);
    };
    body.on('data', take).on('end', settle).on('error', cut).on('close', cut);
    if (body.destroyed) cut();
  });
}
