import type { Socket } from 'node:net';
import { TranshipError } from '../oci/errors.ts';

export interface Outgoing {
  readonly method: string;
  /** What stands in the request line: a path, or the whole URL for a proxy. */
  readonly target: string;
  /** Names in lower case. With `transfer-encoding: chunked` the body goes out in chunks. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Up to this size a body is copied behind its head, which costs less than a second buffer for the kernel. */
const smallBody = 8 * 1024;

/** Puts a request on the wire. The head goes out with the first bytes of the body. Throws where the head cannot be sent. */
export class RequestWriter {
  readonly #socket: Socket;
  readonly #isChunked: boolean;
  /** Until it has gone out. */
  #head: string | undefined;

  constructor(socket: Socket, outgoing: Outgoing) {
    this.#socket = socket;
    this.#isChunked = outgoing.headers['transfer-encoding'] === 'chunked';
    this.#head = headText(outgoing);
  }

  whole(body: Uint8Array): void {
    const head = this.#takeHead();
    if (body.length === 0) this.#socket.write(head, 'latin1');
    else if (body.length > smallBody) this.#together([head, body]);
    else this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
  }

  piece(bytes: Uint8Array, done: () => void): void {
    // An empty chunk would end the body.
    if (this.#isChunked && bytes.length > 0) {
      this.#together([`${this.#takeHead()}${bytes.length.toString(16)}\r\n`, bytes, '\r\n'], done);
    } else if (this.#head === undefined) this.#socket.write(bytes, done);
    else this.#together([this.#takeHead(), bytes], done);
  }

  end(): void {
    const rest = this.#takeHead() + (this.#isChunked ? '0\r\n\r\n' : '');
    if (rest !== '') this.#socket.write(rest, 'latin1');
  }

  #takeHead(): string {
    const head = this.#head ?? '';
    this.#head = undefined;
    return head;
  }

  #together(parts: readonly (Uint8Array | string)[], done?: () => void): void {
    this.#socket.cork();
    parts.forEach((part, index) => {
      const last = index === parts.length - 1 ? done : undefined;
      if (typeof part === 'string') this.#socket.write(part, 'latin1', last);
      else this.#socket.write(part, last);
    });
    this.#socket.uncork();
  }
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
