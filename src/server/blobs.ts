import { openBlobFile } from '../layout/blob-files.ts';
import { type FileSpan, fileStream } from '../layout/file-stream.ts';
import type { Digest } from '../oci/digest.ts';
import type { RepositoryName } from '../oci/names.ts';
import { type Context, existing } from './context.ts';
import { sendEmpty } from './exchange.ts';
import { Fault, fault } from './fault.ts';
import { parseRange } from './ranges.ts';

/** GET and HEAD of a blob, whole or a part (distribution-spec, end-2). */
export async function readBlob(context: Context, name: RepositoryName, digest: Digest): Promise<void> {
  const repository = await existing(context.storage, name);
  const found = await openBlobFile(repository.dir, digest);
  if (found === undefined) throw unknown(digest);
  const { handle, size } = found;
  try {
    const headers = { 'docker-content-digest': digest, etag: `"${digest}"`, 'accept-ranges': 'bytes' };
    if (matches(context, digest)) return sendEmpty(context, 304, headers);
    const range = context.request.method === 'HEAD' ? undefined : parseRange(context.request.headers.range, size);
    if (range === 'unsatisfiable') throw beyond(size);
    const { first, last } = range ?? { first: 0, last: size - 1 };
    context.response.writeHead(range === undefined ? 200 : 206, {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-length': last - first + 1,
      ...(range !== undefined && { 'content-range': `bytes ${first}-${last}/${size}` }),
    });
    if (context.request.method !== 'HEAD') await send(context, { handle, from: first, to: last + 1 });
    context.response.end();
  } finally {
    await handle.close();
  }
}

export async function deleteBlob(context: Context, name: RepositoryName, digest: Digest): Promise<void> {
  const repository = await existing(context.storage, name);
  if (!(await repository.deleteBlob(digest))) throw unknown(digest);
  sendEmpty(context, 202);
}

/** Whether the client says that it has this content already. */
export function matches({ request }: Context, digest: Digest): boolean {
  const header = request.headers['if-none-match'] ?? '';
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', '') === digest);
}

/** A buffer goes back to be read into again when the socket has taken it; a client that does not read stops the reading. */
async function send({ response }: Context, span: FileSpan): Promise<void> {
  for await (const chunk of fileStream(span)) {
    if (response.destroyed) {
      chunk.release();
      return;
    }
    if (response.write(chunk.bytes, () => chunk.release())) continue;
    await new Promise<void>((go) => {
      const done = () => {
        response.off('drain', done);
        response.off('close', done);
        go();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }
}

function beyond(size: number): Fault {
  const message = 'the range lies outside of the blob';
  return new Fault(416, { code: 'SIZE_INVALID', message }, { 'content-range': `bytes */${size}` });
}

function unknown(digest: Digest): Fault {
  return fault(404, 'BLOB_UNKNOWN', 'the repository has no such blob', { digest });
}
