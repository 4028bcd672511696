import type { BlobSource, ByteStream, CallOptions } from '../oci/ports.ts';

/** Progress is told this often at most: a terminal shows no more, and a log would drown. */
const intervalMs = 100;

/** `source`, telling now and then how many bytes of it were taken, counted from the blob's first byte. */
export function withProgress(source: BlobSource, now: () => number, tell: (bytes: number) => void): BlobSource {
  return {
    async open(offset: number, options: CallOptions = {}): Promise<ByteStream> {
      return counted(await source.open(offset, options), offset, now, tell);
    },
  };
}

async function* counted(
  stream: ByteStream,
  offset: number,
  now: () => number,
  tell: (bytes: number) => void,
): ByteStream {
  let at = offset;
  let told = now();
  for await (const chunk of stream) {
    at += chunk.bytes.length;
    if (now() - told >= intervalMs) {
      told = now();
      tell(at);
    }
    yield chunk;
  }
  tell(at);
}
