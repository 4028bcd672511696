import type { RequestListener } from 'node:http';

/** One request, once it is over. */
export interface RequestInfo {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly status: number;
  /** Bytes of the request's body that arrived, and of the answer's body that were given to the connection. */
  readonly received: number;
  readonly sent: number;
  readonly milliseconds: number;
  /** The connection broke before the answer was through. */
  readonly cut: boolean;
}

/** Tells of every request that `next` answers. */
export function watched(next: RequestListener, tell: (info: RequestInfo) => void): RequestListener {
  return (request, response) => {
    const began = performance.now();
    const { socket } = request;
    const [read, written] = [socket.bytesRead, socket.bytesWritten];
    response.once('close', () =>
      tell({
        method: request.method ?? '',
        url: request.url ?? '',
        status: response.statusCode,
        received: socket.bytesRead - read,
        sent: socket.bytesWritten - written,
        milliseconds: performance.now() - began,
        cut: !response.writableFinished,
      }),
    );
    next(request, response);
  };
}
