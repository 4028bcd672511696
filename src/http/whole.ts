import type { BodySink } from './body.ts';
import { Collector, noBody } from './collector.ts';
import type { Connections, Way } from './connections.ts';
import { answerTooLarge, ExchangeFailure } from './errors.ts';
import type { WireRequest } from './exchange.ts';
import type { ResponseHead } from './head.ts';
import type { Faucet } from './read-ahead.ts';
import type { HttpAnswer } from './types.ts';

/** A request to one host, decided in everything, with how much of the answer is wanted. */
export interface Hop extends WireRequest, Way {
  readonly url: URL;
  readonly body?: Uint8Array | undefined;
  readonly bodyLimit: number;
}

const empty = Buffer.alloc(0);

/** A whole exchange: the request's body and the answer's in memory. */
export async function wholeExchange(connections: Connections, hop: Hop): Promise<HttpAnswer> {
  const connection = await connections.take(hop);
  const answer = new WholeAnswer(hop);
  const exchange = connection.begin(hop, answer.sink, () => connections.keep(connection));
  exchange.send(hop.body);
  return answer.of(await exchange.answered);
}

/** An answer that is read into memory, and refused where it is larger than allowed. */
export class WholeAnswer {
  readonly #hop: Hop;
  #body: Promise<Buffer> | undefined;

  constructor(hop: Hop) {
    this.#hop = hop;
  }

  readonly sink = ({ body }: ResponseHead, faucet: Faucet): BodySink => {
    const { url, bodyLimit: limit } = this.#hop;
    const length = body.kind === 'length' ? body.length : undefined;
    if (length === 0) return noBody;
    const tooLarge = () => {
      collector.fail(answerTooLarge(url.host, limit));
      faucet.abandon();
    };
    const collector = new Collector({ length, limit, onMore: tooLarge });
    this.#body = collector.whole;
    return collector;
  };

  async of({ status, headers }: ResponseHead): Promise<HttpAnswer> {
    const { url, signal } = this.#hop;
    try {
      return { status, headers, url, body: this.#body === undefined ? empty : await this.#body };
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : ExchangeFailure.answered(error);
    }
  }
}
