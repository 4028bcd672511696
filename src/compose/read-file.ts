import { open } from 'node:fs/promises';

/** At most `limit` bytes and one more, so that who reads can tell that there is more. */
export async function readUpTo(path: string, { limit }: { readonly limit: number }): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of handle.createReadStream({ end: limit, autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    return Buffer.concat(chunks, size);
  } finally {
    await handle.close();
  }
}
