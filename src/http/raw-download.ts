import type { Connections } from './connections.ts';
import { ExchangeFailure } from './errors.ts';
import { limits } from './limits.ts';
import type { RawRequest } from './raw-connection.ts';
import type { ReadAhead } from './read-ahead.ts';
import type { HttpDownload } from './types.ts';

/** The body came in chunks or ends with the connection, which only Node's own client reads: ask again with that. */
export interface Unreadable {
  readonly unreadable: 'blob' | 'refusal';
}

/**
 * A download through a raw connection. `onEnd` is called once, when the body has ended or was given up; not when this rejects
 * or cannot read the answer.
 */
export async function rawDownload(
  connections: Connections,
  request: RawRequest,
  givenBy: URL | undefined,
  onEnd: (received: number) => void,
): Promise<HttpDownload | Unreadable> {
  const { url, signal } = request;
  const connection = await connections.takeRaw(url, givenBy, signal).catch((error) => {
    throw signal?.aborted === true ? signal.reason : new ExchangeFailure(error, 'unsent');
  });
  const streaming: { body?: ReadAhead } = {};
  const answer = await connection.send(request, (reusable) => {
    if (reusable) connections.keepRaw(url, givenBy, connection);
    if (streaming.body !== undefined) onEnd(streaming.body.received);
  });
  const { status, headers } = answer.head;
  const isBlob = status === 200 || status === 206;
  if (answer.body === undefined) {
    if (status < 300 || status > 399) return { unreadable: isBlob ? 'blob' : 'refusal' };
    // Nobody reads what a redirect has to say.
    onEnd(0);
    return { status, headers, url, body: Buffer.alloc(0) };
  }
  if (!isBlob) {
    const body = await beginning(answer.body).catch((error) => {
      throw signal?.aborted === true ? signal.reason : new ExchangeFailure(error, 'answered');
    });
    onEnd(body.length);
    return { status, headers, url, body };
  }
  streaming.body = answer.body;
  // The body may have come together with its head, before anybody listened.
  if (answer.body.received === answer.body.length) onEnd(answer.body.length);
  return { status, headers, url, stream: answer.body };
}

/** As much of a refusal's body as anybody reads. */
async function beginning(body: ReadAhead): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    parts.push(Buffer.from(chunk.bytes.subarray(0, limits.errorBody - size)));
    size += chunk.bytes.length;
    chunk.release();
    if (size >= limits.errorBody) break;
  }
  return Buffer.concat(parts);
}
