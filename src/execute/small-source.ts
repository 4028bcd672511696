import type { Descriptor } from '../oci/descriptor.ts';
import type { BlobSource, ByteStream, CallOptions } from '../oci/ports.ts';
import { heldBack } from './limits.ts';
import { ownedChunk } from './shared-chunk.ts';

/**
 * `source` read once and kept, where `blob` is no longer than what a verified source holds back anyway; larger blobs are passed
 * through. So a config goes to ten destinations, whenever each asks for it, from one request.
 */
export function keepSmall(source: BlobSource, blob: Descriptor): BlobSource {
  if (blob.size > heldBack) return source;
  let reading: Promise<Uint8Array> | undefined;
  return {
    async open(offset: number, options: CallOptions = {}): Promise<ByteStream> {
      reading ??= readAll(source, options);
      try {
        return once((await reading).subarray(offset));
      } catch (error) {
        reading = undefined;
        throw error;
      }
    },
  };
}

async function readAll(source: BlobSource, options: CallOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of await source.open(0, options)) {
    parts.push(Uint8Array.from(chunk.bytes));
    chunk.release();
  }
  return Buffer.concat(parts);
}

async function* once(bytes: Uint8Array): ByteStream {
  if (bytes.length > 0) yield ownedChunk(bytes);
}
