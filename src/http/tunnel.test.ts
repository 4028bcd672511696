import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { limits } from './limits.ts';
import { openTunnel, type TunnelOptions } from './tunnel.ts';

/** A proxy that does to CONNECT what `answer` says, and a connection to it. */
async function proxied(answer: (socket: Socket) => void) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      asked.push(bytes.toString('latin1'));
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const open = (more: Partial<TunnelOptions> = {}) =>
    openTunnel(socket, {
      url: new URL('https://registry.example.com/v2/'),
      proxy: { hostname: '127.0.0.1', port, secure: false, host: `proxy.example.com:${port}` },
      userAgent: 'test',
      timeout: 5000,
      ...more,
    });
  return {
    socket,
    asked,
    open,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const granted = 'HTTP/1.1 200 Connection established\r\n\r\n';

describe('a tunnel', () => {
  test('is open once the proxy says so, in one piece or byte by byte, and carries what follows', async () => {
    for (const pieces of [[granted], [...granted]]) {
      await using at = await proxied((socket) => {
        for (const piece of pieces) socket.write(piece);
        socket.on('data', (bytes) => socket.write(bytes));
      });
      const socket = await at.open();
      expect(at.asked[0]).toMatch(
        /^CONNECT registry\.example\.com:443 HTTP\/1\.1\r\nHost: registry\.example\.com:443\r\n/,
      );
      socket.write('hello');
      const echoed = await new Promise<string>((resolve) =>
        socket.once('data', (bytes) => resolve(String(bytes))).resume(),
      );
      expect(echoed).toBe('hello');
    }
  });

  test.each<[string, (socket: Socket) => void, RegExp]>([
    ['speaks no HTTP', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n'), /answered CONNECT with/],
    [
      'sends a head without end',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(limits.head)}`),
      /an endless head/,
    ],
    ['sends bytes before anybody asked', (socket) => socket.write(`${granted}early`), /bytes too early/],
    ['hangs up without a word', (socket) => socket.end(), /with nothing/],
  ])('is none where the proxy %s, and the connection is given up', async (_, answer, words) => {
    await using at = await proxied(answer);
    await expect(at.open()).rejects.toMatchObject({
      code: 'E_PROXY',
      failure: 'temporary',
      message: expect.stringMatching(words),
    });
    expect(at.socket.destroyed).toBe(true);
  });

  test('is given up where the proxy says nothing for too long', async () => {
    await using at = await proxied(() => {});
    await expect(at.open({ timeout: 20 })).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      message: expect.stringContaining('no answer to CONNECT'),
    });
    expect(at.socket.destroyed).toBe(true);
  });

  test('is given up when the caller gives up, with the caller’s reason', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    await using at = await proxied(() => stop.abort(reason));
    await expect(at.open({ signal: stop.signal })).rejects.toBe(reason);
    expect(at.socket.destroyed).toBe(true);
  });

  test('is none after a redirect or any other status, which is no tunnel', async () => {
    await using at = await proxied((socket) =>
      socket.write('HTTP/1.1 302 Found\r\nLocation: https://login.example.com\r\n\r\n'),
    );
    await expect(at.open()).rejects.toMatchObject({ code: 'E_PROXY', failure: 'failed', serverSaid: 'HTTP 302' });
  });
});
