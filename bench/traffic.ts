/** Counts what passes between a program and a registry. In this process, so never while something is timed. */
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';

export interface Meter extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  toServer: number;
  fromServer: number;
}

export async function meter(serverHost: string): Promise<Meter> {
  const relay = createServer((client) => {
    const upstream = connect(Number(serverHost.split(':')[1]), '127.0.0.1');
    client.on('data', (chunk) => (counted.toServer += chunk.length));
    upstream.on('data', (chunk) => (counted.fromServer += chunk.length));
    for (const socket of [client, upstream])
      socket.on('error', () => [client, upstream].forEach((each) => each.destroy()));
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const counted: Meter = {
    host: `127.0.0.1:${(relay.address() as AddressInfo).port}`,
    toServer: 0,
    fromServer: 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => relay.close(() => resolve())),
  };
  return counted;
}
