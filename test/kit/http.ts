import { createHttp, type HttpOptions } from '../../src/http/client.ts';
import type { HttpClient, HttpDownload, HttpEvent } from '../../src/http/types.ts';
import type { ByteStream } from '../../src/oci/ports.ts';

/** Every name leads to this machine, so that tests can speak to `registry.example.com`. */
const toLoopback = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

export interface TestHttp extends AsyncDisposable {
  readonly http: HttpClient;
  readonly events: HttpEvent[];
}

/** A client for tests: plain HTTP allowed, names lead to loopback, no environment, events kept. */
export function testHttp(options: Partial<HttpOptions> = {}): TestHttp {
  const events: HttpEvent[] = [];
  const http = createHttp({
    settings: () => ({ plainHttp: true }),
    env: {},
    userAgent: 'tranship-test',
    resolver: toLoopback,
    certificateFolders: [],
    observe: (event) => events.push(event),
    ...options,
  });
  return { http, events, [Symbol.asyncDispose]: () => http.close() };
}

/** All bytes of a stream, each chunk given back. */
export async function collect(stream: ByteStream | undefined): Promise<Buffer> {
  if (stream === undefined) throw new Error('the answer has no stream');
  const parts: Buffer[] = [];
  for await (const chunk of stream) {
    parts.push(Buffer.from(chunk.bytes));
    chunk.release();
  }
  return Buffer.concat(parts);
}

export async function collectDownload(download: Promise<HttpDownload>): Promise<Buffer> {
  return collect((await download).stream);
}

/** A stream of these pieces. `released` counts what came back. */
export function streamOf(pieces: readonly Uint8Array[], released: { count: number } = { count: 0 }): ByteStream {
  return (async function* () {
    for (const bytes of pieces) {
      const release = () => {
        released.count += 1;
      };
      yield { bytes, release };
    }
  })();
}

/** The error that `promise` rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have failed');
}
