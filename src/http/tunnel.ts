import type { Socket } from 'node:net';
import { TranshipError } from '../oci/errors.ts';
import { timedOut } from './errors.ts';
import { headEnd, parseHead, type ResponseHead } from './head.ts';
import { limits } from './limits.ts';
import type { Proxy } from './proxy.ts';

export interface TunnelOptions {
  readonly url: URL;
  readonly proxy: Proxy;
  readonly userAgent: string;
  /** Milliseconds that the proxy may take. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks a proxy for a tunnel to `url`'s host (RFC 9110 §9.3.6). The proxy's credentials stay on this side of it. */
export async function openTunnel(socket: Socket, options: TunnelOptions): Promise<Socket> {
  const { url, proxy } = options;
  socket.write(connectRequest(options));
  try {
    const head = await answerOf(socket, options);
    if (head.status < 200 || head.status > 299) throw refusedByProxy(head.status, url, proxy);
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

function connectRequest({ url, proxy, userAgent }: TunnelOptions): string {
  const target = `${url.hostname}:${url.port === '' ? 443 : url.port}`;
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, `User-Agent: ${userAgent}`];
  if (proxy.authorization !== undefined) lines.push(`Proxy-Authorization: ${proxy.authorization.reveal()}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function answerOf(socket: Socket, { proxy, timeout, signal }: TunnelOptions): Promise<ResponseHead> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const read = (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const end = headEnd(received);
      if (end === -1 && received.length <= limits.head) return;
      const head = end === -1 ? 'an endless head' : parseHead(received, end, 'CONNECT');
      if (typeof head === 'string') return finish(() => reject(notHttp(proxy, head)));
      if (received.length > end && head.status < 300) return finish(() => reject(notHttp(proxy, 'bytes too early')));
      finish(() => resolve(head));
    };
    const fail = (error: unknown) => finish(() => reject(error));
    const abort = () => fail(signal?.reason);
    const closed = () => fail(notHttp(proxy, 'nothing'));
    const timer = setTimeout(() => fail(timedOut(proxy.host, 'no answer to CONNECT', timeout)), timeout);
    const finish = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.pause();
      socket.off('data', read).off('error', fail).off('close', closed);
      act();
    };
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('data', read).once('error', fail).once('close', closed);
  });
}

function refusedByProxy(status: number, url: URL, proxy: Proxy): TranshipError {
  if (status === 407) return proxyWantsCredentials(url, proxy);
  const failure = status >= 500 || status === 429 ? 'temporary' : 'failed';
  return new TranshipError('E_PROXY', failure, `the proxy ${proxy.host} opens no tunnel to ${url.host}`, {
    subject: url.host,
    serverSaid: `HTTP ${status}`,
    hint: 'if the host should be reached directly, name it in NO_PROXY',
  });
}

/** To CONNECT, or to a plain request that a proxy answers in the host's place. */
export function proxyWantsCredentials(url: URL, proxy: Proxy): TranshipError {
  return new TranshipError('E_PROXY_AUTH', 'auth', `the proxy ${proxy.host} wants other credentials`, {
    subject: url.host,
    serverSaid: 'HTTP 407',
    // Not as a whole URL: its user and password would be taken out.
    hint: 'put user:password@ before the host in the proxy variable',
  });
}

function notHttp(proxy: Proxy, what: string): TranshipError {
  return new TranshipError('E_PROXY', 'temporary', `the proxy ${proxy.host} answered CONNECT with ${what}`, {
    subject: proxy.host,
  });
}
