import type { Connections } from './connections.ts';
import { ExchangeFailure } from './errors.ts';
import { limits } from './limits.ts';
import type { RawRequest } from './raw-connection.ts';
import type { ReadAhead } from './read-ahead.ts';
import type { HttpDownload } from './types.ts';

/**
 * A download through a raw connection; `undefined` where the server answers in a way that only Node's own client reads
 * (chunks, or a body that ends with the connection): ask again with that. `onEnd` is called once, when the body has ended or
 * was given up; not when this rejects or gives `undefined`.
 */
export async function rawDownload(
  connections: Connections,
  request: RawRequest,
  givenBy: URL | undefined,
  onEnd: (received: number) => void,
): Promise<HttpDownload | undefined> {
  const { url, signal } = request;
  const connection = await connections.takeRaw(url, givenBy, signal).catch((error) => {
    throw signal?.aborted === true ? signal.reason : new ExchangeFailure(error, 'unsent');
  });
  let streaming: ReadAhead | undefined;
  const answer = await connection.send(request, (reusable) => {
    if (reusable) connections.keepRaw(url, givenBy, connection);
    if (streaming !== undefined) onEnd(streaming.received);
  });
  const { status, headers } = answer.head;
  if (answer.body === undefined) return undefined;
  if (status !== 200 && status !== 206) {
    const body = await beginning(answer.body).catch((error) => {
      throw signal?.aborted === true ? signal.reason : new ExchangeFailure(error, 'answered');
    });
    onEnd(body.length);
    return { status, headers, url, body };
  }
  streaming = answer.body;
  // The body may have come together with its head, before anybody listened.
  if (streaming.received === streaming.length) onEnd(streaming.length);
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
