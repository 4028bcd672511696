import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** One request, once it is over. */
export interface RequestInfo {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly status: number;
  /** Bytes on the connection for this request in each direction, heads included. */
  readonly received: number;
  readonly sent: number;
  readonly milliseconds: number;
  /** The connection broke before the answer was through. */
  readonly cut: boolean;
}

/** Tells of every request that `next` answers. */
export function watched(next: RequestListener, tell: (info: RequestInfo) => void): RequestListener {
  const counted = new WeakMap<Socket, { readonly read: number; readonly written: number }>();
  return (request, response) => {
    const began = performance.now();
    const { socket, method = '', url = '' } = request;
    response.once('close', () => {
      const before = counted.get(socket) ?? { read: 0, written: 0 };
      const now = { read: socket.bytesRead, written: socket.bytesWritten };
      counted.set(socket, now);
      tell({
        method,
        url,
        status: response.statusCode,
        received: now.read - before.read,
        sent: now.written - before.written,
        milliseconds: performance.now() - began,
        cut: !response.writableFinished,
      });
    });
    next(request, response);
  };
}
