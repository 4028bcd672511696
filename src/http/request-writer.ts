import type { Socket } from 'node:net';
import { TranshipError } from '../oci/errors.ts';

export interface Outgoing {
  readonly method: string;
  /** What stands in the request line: a path, or the whole URL for a proxy. */
  readonly target: string;
  /** Names in lower case. With `transfer-encoding: chunked` the body goes out in chunks. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RequestWriter {
  whole(body: Uint8Array): void;
  piece(bytes: Uint8Array, done: () => void): void;
  end(): void;
}

/** Up to this size a body is copied behind its head, which costs less than a second buffer for the kernel. */
const smallBody = 8 * 1024;

/** Puts a request on the wire. The head goes out with the first bytes of the body. */
export function writeRequest(socket: Socket, outgoing: Outgoing): RequestWriter {
  const isChunked = outgoing.headers['transfer-encoding'] === 'chunked';
  let head: string | undefined = headText(outgoing);

  function together(parts: readonly (Uint8Array | string)[], done?: () => void): void {
    socket.cork();
    parts.forEach((part, index) => {
      const last = index === parts.length - 1 ? done : undefined;
      if (typeof part === 'string') socket.write(part, 'latin1', last);
      else socket.write(part, last);
    });
    socket.uncork();
  }

  /** The head, where it has not gone out. */
  function pending(): readonly string[] {
    if (head === undefined) return [];
    const parts = [head];
    head = undefined;
    return parts;
  }

  return {
    whole(body) {
      const parts = pending();
      if (body.length === 0) socket.write(parts.join(''), 'latin1');
      else if (body.length > smallBody) together([...parts, body]);
      else socket.write(Buffer.concat([...parts.map((part) => Buffer.from(part, 'latin1')), body]));
    },
    piece(bytes, done) {
      const parts = pending();
      // An empty chunk would end the body.
      if (isChunked && bytes.length > 0) together([...parts, `${bytes.length.toString(16)}\r\n`, bytes, '\r\n'], done);
      else if (parts.length > 0) together([...parts, bytes], done);
      else socket.write(bytes, done);
    },
    end() {
      const parts = [...pending(), ...(isChunked ? ['0\r\n\r\n'] : [])];
      if (parts.length > 0) together(parts);
    },
  };
}

function headText({ method, target, headers }: Outgoing): string {
  let text = `${method} ${target} HTTP/1.1\r\n`;
  let given = method + target;
  for (const name in headers) {
    text += `${name}: ${headers[name]}\r\n`;
    given += name + headers[name];
  }
  // Another line break than ours would be a header, or a request, that somebody smuggled in.
  if (forbidden.test(given)) throw unsendable(target);
  return `${text}\r\n`;
}

/** All but visible characters, spaces and tabs. */
const forbidden = /[^\t\u0020-\u007e\u0080-\u00ff]/u;

function unsendable(target: string): TranshipError {
  return new TranshipError('E_UNSENDABLE', 'failed', 'a header has characters that HTTP cannot carry', {
    subject: target,
    hint: 'look at the credentials and media types of this request: no line breaks, nothing beyond Latin-1',
  });
}
