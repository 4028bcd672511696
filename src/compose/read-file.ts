import { open } from 'node:fs/promises';

/** At most `limit` bytes and one more, so that who reads can tell that there is more. `-` is standard input. */
export async function readUpTo(path: string, { limit }: { readonly limit: number }): Promise<Uint8Array> {
  if (path === '-') return gathered(process.stdin, limit);
  const handle = await open(path, 'r');
  try {
    return await gathered(handle.createReadStream({ end: limit, autoClose: false }), limit);
  } finally {
    await handle.close();
  }
}

async function gathered(stream: AsyncIterable<unknown>, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > limit) break;
  }
  return Buffer.concat(chunks, size);
}
