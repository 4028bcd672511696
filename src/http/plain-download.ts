import type { IncomingMessage } from 'node:http';
import type { Chunk } from '../oci/ports.ts';
import { ExchangeFailure } from './errors.ts';
import { answerOf, bodyParts, type Hop, readBody, start } from './exchange.ts';
import { limits } from './limits.ts';
import type { HttpDownload } from './types.ts';

/**
 * A download through Node's own client: for chunked answers, TLS inside a proxy's tunnel and what else the raw connection
 * does not do. Slower, same interface. `onEnd` is called once, when the body has ended or was given up; not when this rejects.
 */
export async function plainDownload(hop: Hop, onEnd: (received: number) => void): Promise<HttpDownload> {
  const started = start(hop);
  void started.connected.then(started.expectAnswer);
  started.request.end();
  const response = await started.answered;
  const head = answerOf(hop, response, Buffer.alloc(0));
  if (head.status === 200 || head.status === 206) {
    const { headers, url, status } = head;
    return { status: status === 206 ? 206 : 200, headers, url, stream: chunks(hop, response, onEnd) };
  }
  const body = await readBody(hop, response, limits.errorBody);
  onEnd(body.length);
  return { ...head, body };
}

function chunks(hop: Hop, response: IncomingMessage, onEnd: (received: number) => void): AsyncGenerator<Chunk> {
  let received = 0;
  // Also when nobody ever begins to read: the connection's end is what frees the slot.
  response.once('close', () => onEnd(received));
  return (async function* () {
    try {
      for await (const bytes of bodyParts(hop, response)) {
        received += bytes.length;
        yield { bytes, release: nothing };
      }
    } catch (error) {
      throw error instanceof ExchangeFailure ? error.error : error;
    }
  })();
}

function nothing(): void {}
