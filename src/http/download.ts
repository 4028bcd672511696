import { Collector } from './collector.ts';
import type { Connections } from './connections.ts';
import { ExchangeFailure } from './errors.ts';
import type { ResponseHead } from './head.ts';
import { limits } from './limits.ts';
import { type Faucet, ReadAhead } from './read-ahead.ts';
import type { HttpDownload } from './types.ts';
import type { Hop } from './whole.ts';

/** Reads the body as a stream of pooled buffers; a refusal's into memory. `onEnd`: the body ended, or was given up. */
export async function download(
  connections: Connections,
  hop: Hop,
  onEnd: (received: number, failure?: unknown) => void,
): Promise<HttpDownload> {
  const { url, signal } = hop;
  const connection = await connections.take(hop);
  const answer: { stream?: ReadAhead; refusal?: Collector } = {};
  const sinkFor = ({ status, body }: ResponseHead, faucet: Faucet) => {
    const length = body.kind === 'length' ? body.length : undefined;
    if (isContent(status)) return (answer.stream = new ReadAhead(connections.buffersFor(length), faucet));
    return (answer.refusal = new Collector({ length, limit: limits.errorBody, onMore: faucet.abandon }));
  };
  const exchange = connection.begin(hop, sinkFor, () => {
    connections.keep(connection);
    if (answer.stream !== undefined) onEnd(answer.stream.received, answer.stream.failure);
  });
  exchange.send();
  const { status, headers } = await exchange.answered;
  if (isContent(status) && answer.stream !== undefined) return { status, headers, url, stream: answer.stream };
  try {
    const body = (await answer.refusal?.whole) ?? Buffer.alloc(0);
    onEnd(body.length);
    return { status, headers, url, body };
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : ExchangeFailure.answered(error);
  }
}

function isContent(status: number): status is 200 | 206 {
  return status === 200 || status === 206;
}
