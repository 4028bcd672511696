import { systemCode } from '../layout/failures.ts';
import { type Digest, type DigestAlgorithm } from '../oci/digest.ts';
import { parseRepositoryName, type RepositoryName } from '../oci/names.ts';
import type { Context } from './context.ts';
import { sendEmpty } from './exchange.ts';
import { Fault, fault } from './fault.ts';
import { parseContentRange } from './ranges.ts';
import { digestIn } from './route.ts';
import type { OpenUpload, Upload } from './upload.ts';

/** POST: a mount, a whole blob in one request, or a new session (distribution-spec, end-4a, 4b, 4c, 11). */
export async function beginUpload(context: Context, name: RepositoryName): Promise<void> {
  const mount = context.query.get('mount');
  const whole = context.query.get('digest');
  const wanted = mount ?? whole;
  const digest = wanted === null ? undefined : digestIn(wanted);
  if (digest !== undefined && mount !== null && (await mountBlob(context, name, digest)))
    return sendCreated(context, name, digest);
  const upload = await context.storage.uploads.begin(name, algorithmIn(context.query.get('digest-algorithm'), digest));
  await context.storage.obtain(name);
  if (digest !== undefined && mount === null) return finish(context, name, upload, digest);
  await sendProgress(context, name, upload, 202, 0);
}

/** GET: how far a session is (end-13). */
export async function showUpload(context: Context, name: RepositoryName, id: string): Promise<void> {
  const upload = await findUpload(context, name, id);
  const size = await upload.size();
  if (size === undefined) throw unknown(id);
  await sendProgress(context, name, upload, 204, size);
}

/** PATCH: the next bytes, with or without a `Content-Range` (end-5). */
export async function appendToUpload(context: Context, name: RepositoryName, id: string): Promise<void> {
  const upload = await findUpload(context, name, id);
  const size = await withSession(upload, async (session) => {
    checkOrder(context, name, upload, session);
    await session.append(context.request, room(context, session));
    return session.size;
  });
  await sendProgress(context, name, upload, 202, size);
}

/** PUT: the last bytes, if any, and the digest of the whole (end-6). */
export async function finishUpload(context: Context, name: RepositoryName, id: string): Promise<void> {
  const digest = digestIn(context.query.get('digest') ?? '');
  await finish(context, name, await findUpload(context, name, id), digest);
}

/** DELETE: gives a session up (end-14). */
export async function cancelUpload(context: Context, name: RepositoryName, id: string): Promise<void> {
  const upload = await findUpload(context, name, id);
  await upload.remove();
  context.storage.uploads.forget(upload);
  sendEmpty(context, 204);
}

async function finish(context: Context, name: RepositoryName, upload: Upload, digest: Digest): Promise<void> {
  const { storage } = context;
  await withSession(upload, async (session) => {
    checkOrder(context, name, upload, session);
    await session.append(context.request, room(context, session));
    const got = await session.digest(digest);
    if (got !== digest) {
      await session.discard();
      storage.uploads.forget(upload);
      throw fault(400, 'DIGEST_INVALID', 'the content has another digest', { digest, got });
    }
    await session.makeDurable();
    const { dir } = await storage.obtain(name);
    await storage.pool.adopt(session.path, digest, session.size, dir, (target) => session.moveTo(target));
    storage.uploads.forget(upload);
  });
  sendCreated(context, name, digest);
}

/** A mount needs the right to read where the blob comes from; without it nothing is said about what is there. */
async function mountBlob({ query, storage, access }: Context, name: RepositoryName, digest: Digest): Promise<boolean> {
  const from = query.get('from');
  const into = async () => (await storage.obtain(name)).dir;
  if (from !== null) {
    const source = parseRepositoryName(from);
    if (source === undefined || !access.may('pull', source)) return false;
    const repository = await storage.find(source);
    if (repository === undefined || (await repository.blobSize(digest)) === undefined) return false;
    return storage.pool.share(digest, await into(), repository.dir);
  }
  if (!(await storage.pool.has(digest))) return false;
  for (const source of await storage.names()) {
    if (!access.may('pull', source)) continue;
    const repository = await storage.find(source);
    if (repository === undefined || (await repository.blobSize(digest)) === undefined) continue;
    return storage.pool.share(digest, await into(), repository.dir);
  }
  return false;
}

async function findUpload({ storage }: Context, name: RepositoryName, id: string): Promise<Upload> {
  const upload = await storage.uploads.find(name, id);
  if (upload === undefined) throw unknown(id);
  return upload;
}

/**
 * A session whose file went away between two requests was finished or given up by the other, and one whose body is broken off
 * belongs to the other by now.
 */
async function withSession<T>(upload: Upload, job: (session: OpenUpload) => Promise<T>): Promise<T> {
  try {
    return await upload.exclusively(job);
  } catch (error) {
    const isOthers = error instanceof Error && (error.name === 'AbortError' || systemCode(error) === 'ENOENT');
    throw isOthers ? unknown(upload.id) : error;
  }
}

function checkOrder(context: Context, name: RepositoryName, upload: Upload, session: OpenUpload): void {
  const { headers } = context.request;
  const range = parseContentRange(headers['content-range']);
  if (range === undefined) return;
  if (range === 'malformed') throw fault(400, 'BLOB_UPLOAD_INVALID', 'the Content-Range is not <first>-<last>');
  if (range.first !== session.size) {
    const message = `the next byte wanted is ${session.size}, not ${range.first}`;
    throw new Fault(416, { code: 'BLOB_UPLOAD_INVALID', message }, progress(name, upload, session.size));
  }
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== range.last - range.first + 1) {
    throw fault(400, 'SIZE_INVALID', 'Content-Range and Content-Length disagree');
  }
}

function room({ rules }: Context, session: OpenUpload): number {
  return Math.max(0, rules.largestBlob - session.size);
}

function algorithmIn(text: string | null, digest: Digest | undefined): DigestAlgorithm {
  if (text === null) return digest?.startsWith('sha512:') ? 'sha512' : 'sha256';
  if (text === 'sha256' || text === 'sha512') return text;
  throw fault(400, 'DIGEST_INVALID', 'only sha256 and sha512 are known', { algorithm: text });
}

async function sendProgress(
  context: Context,
  name: RepositoryName,
  upload: Upload,
  status: number,
  size: number,
): Promise<void> {
  sendEmpty(context, status, progress(name, upload, size));
}

/** `Range` names the last byte received, so an empty session can only say `0-0`, as others do. */
function progress(name: RepositoryName, { id }: Upload, size: number): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  };
}

function sendCreated(context: Context, name: RepositoryName, digest: Digest): void {
  sendEmpty(context, 201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

function unknown(id: string): Fault {
  return fault(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload', { id });
}
