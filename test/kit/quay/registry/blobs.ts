import { digestOf, isDigest } from '../../../../src/oci/digest.ts';
import { bytes, empty, type Reply } from '../http/reply.ts';
import { quotaRefuses } from '../model/quotas.ts';
import { findRepository } from '../model/repositories.ts';
import type { Repository, Upload } from '../model/types.ts';
import { randomUUID } from '../model/world.ts';
import { allows, type RegistryCall, readableRepository, repositoryPath, writableRepository } from './context.ts';
import { registryError } from './errors.ts';

/** Sends a blob whole: local storage takes no notice of `Range`. */
export function getBlob(call: RegistryCall): Reply {
  const repository = readableRepository(call);
  const digest = call.params['digest'] ?? '';
  const content = repository.blobs.has(digest) ? call.world.content.get(digest) : undefined;
  if (content === undefined) throw registryError('BLOB_UNKNOWN');
  return bytes(200, content, {
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    'Cache-Control': 'max-age=31436000',
  });
}

export function deleteBlob(call: RegistryCall): Reply {
  writableRepository(call);
  throw registryError('UNSUPPORTED');
}

/** Starts an upload; with `?digest=` stores the body at once, with `?mount=&from=` takes a blob from elsewhere. */
export function startUpload(call: RegistryCall): Reply {
  const repository = writableRepository(call);
  if (quotaRefuses(call.world, repository.namespace)) throw quotaDenied();
  const { query, body } = call.request;
  const mounted = query.get('mount');
  if (mounted !== null && mount(call, repository, mounted, query.get('from'))) return created(call, mounted);
  const digest = query.get('digest');
  if (digest !== null) return store(call, repository, body, digest);
  const upload: Upload = { uuid: randomUUID(), repository: repository.id, chunks: [], size: 0 };
  call.world.uploads.set(upload.uuid, upload);
  return progress(call, upload, 202, 'bytes=0--1');
}

export function uploadStatus(call: RegistryCall): Reply {
  const upload = uploadOf(call, writableRepository(call));
  return empty(204, { 'Docker-Upload-UUID': upload.uuid, Range: `bytes=0-${upload.size}` });
}

/** Appends a chunk. A range that begins behind the end is refused; what overlaps is not stored twice. */
export function appendChunk(call: RegistryCall): Reply {
  const upload = uploadOf(call, writableRepository(call));
  const header = call.request.headers['content-range'];
  const start = header === undefined ? upload.size : rangeStart(header);
  if (start === undefined) throw registryError('INVALID_REQUEST', { message: 'Invalid range header' });
  if (start > upload.size) return progress(call, upload, 416, `0-${upload.size}`);
  append(upload, call.request.body.subarray(upload.size - start));
  return progress(call, upload, 202, `0-${upload.size - 1}`);
}

export function finishUpload(call: RegistryCall): Reply {
  const repository = writableRepository(call);
  const upload = uploadOf(call, repository);
  const digest = call.request.query.get('digest');
  if (digest === null) {
    throw registryError('BLOB_UPLOAD_INVALID', { detail: { reason: 'Missing digest arg on monolithic upload' } });
  }
  append(upload, call.request.body);
  call.world.uploads.delete(upload.uuid);
  return store(call, repository, Buffer.concat(upload.chunks), digest);
}

export function cancelUpload(call: RegistryCall): Reply {
  const upload = uploadOf(call, writableRepository(call));
  call.world.uploads.delete(upload.uuid);
  return empty(204);
}

function quotaDenied() {
  return registryError('DENIED', { message: 'Quota has been exceeded on namespace' });
}

/** The source must be public, or readable by the same token. */
function mount(call: RegistryCall, repository: Repository, digest: string, from: string | null): boolean {
  const source = from === null ? undefined : findRepository(call.world, from);
  if (source === undefined || !source.blobs.has(digest)) return false;
  if (!source.public && !allows(call, from ?? '', 'pull')) return false;
  repository.blobs.add(digest);
  return true;
}

function store(call: RegistryCall, repository: Repository, content: Buffer, digest: string): Reply {
  if (!isDigest(digest) || digestOf(content, digest.startsWith('sha512') ? 'sha512' : 'sha256') !== digest) {
    throw registryError('BLOB_UPLOAD_INVALID');
  }
  call.world.content.set(digest, content);
  repository.blobs.add(digest);
  return created(call, digest);
}

function created(call: RegistryCall, digest: string): Reply {
  return empty(201, {
    'Docker-Content-Digest': digest,
    Location: `${call.world.origin}/v2/${repositoryPath(call)}/blobs/${digest}`,
  });
}

function progress(call: RegistryCall, upload: Upload, status: number, range: string): Reply {
  return empty(status, {
    'Docker-Upload-UUID': upload.uuid,
    Location: `${call.world.origin}/v2/${repositoryPath(call)}/blobs/uploads/${upload.uuid}`,
    Range: range,
  });
}

function uploadOf(call: RegistryCall, repository: Repository): Upload {
  const upload = call.world.uploads.get(call.params['uuid'] ?? '');
  if (upload === undefined || upload.repository !== repository.id) throw registryError('BLOB_UPLOAD_UNKNOWN');
  return upload;
}

function append(upload: Upload, chunk: Buffer): void {
  upload.chunks.push(chunk);
  upload.size += chunk.length;
}

function rangeStart(header: string): number | undefined {
  const match = /^(\d+)-(\d+)$/.exec(header);
  return match === null ? undefined : Number(match[1]);
}
