import type { Socket } from 'node:net';
import type { Connector } from './connector.ts';
import { limits } from './limits.ts';

/**
 * The beginning of a TLS handshake that says nothing, with the line ends at which an HTTP server stops reading: that one
 * answers in words (400), one that speaks TLS with an alert or not at all. Neither takes it for a request.
 */
const knock = Buffer.from([0x16, 3, 1, 0, 10, 1, 0, 0, 6, 3, 3, ...Buffer.from('\r\n\r\n')]);
const words = 'HTTP/';

/**
 * Whether a host answers a TLS handshake in the words of HTTP. It costs a packet each way, where an attempt with Node's TLS
 * costs thirty milliseconds of a short run. Whatever is in doubt is not plain: the attempt with TLS that follows will tell.
 */
export async function answersInWords(connector: Connector, url: URL): Promise<boolean> {
  try {
    const socket = await connector.connect(url);
    try {
      return (await firstBytes(socket)).startsWith(words);
    } finally {
      socket.destroy();
    }
  } catch {
    // No connection at all: the attempt with TLS finds the words for it.
    return false;
  }
}

function firstBytes(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const done = () => resolve(text);
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (text.length >= words.length) done();
    });
    socket.on('error', done).on('close', done).setTimeout(limits.probe, done);
    socket.write(knock);
  });
}
