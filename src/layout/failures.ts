import { TranshipError } from '../oci/errors.ts';

const unwritable: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG']);
const forbidden: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** Failures of a file system that may pass: too many open files, and a network file system that does not answer. */
const passing: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ESTALE', 'ETIMEDOUT']);

/** The system's code of `error` (`ENOENT`, `ENOSPC` …), or `undefined` where it is no system error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether `error` says that a file is not there. */
export function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * What a failed write means to the user: full, over quota or read-only are `unwritable` (`E_DISK_FULL`, `E_READ_ONLY`), a
 * missing permission and a place that can hold no files are `E_FILE_DENIED`. Everything else comes back as it is.
 */
export function asWriteFailure(error: unknown, subject: string): unknown {
  const code = systemCode(error);
  if (code === 'EROFS') {
    return new TranshipError('E_READ_ONLY', 'unwritable', 'The file system is read-only.', {
      subject,
      serverSaid: code,
      hint: 'Name a place on a disk that takes files, or have this one mounted for writing.',
      cause: error,
    });
  }
  if (code !== undefined && unwritable.has(code)) {
    return new TranshipError('E_DISK_FULL', 'unwritable', 'The disk is full or a quota is used up.', {
      subject,
      serverSaid: code,
      hint: 'Free some space and run it again: what is already stored is not written twice.',
      cause: error,
    });
  }
  if (isAbsent(error)) {
    return new TranshipError('E_FILE_DENIED', 'failed', 'Nothing can be made in this place.', {
      subject,
      serverSaid: code ?? '',
      hint: 'Name a folder, or a file in a folder, of a disk that takes files.',
      cause: error,
    });
  }
  return asReadFailure(error, subject);
}

/**
 * The same for reading: `E_FILE_DENIED` and, where a symbolic link stands in the way, `E_LAYOUT_UNSAFE`. Whatever else the file system
 * says is `E_FILE_FAILED`.
 */
export function asReadFailure(error: unknown, subject: string): unknown {
  const code = systemCode(error);
  if (code === 'ELOOP') return unsafe(subject, 'it is a symbolic link', error);
  if (code === undefined) return error;
  if (!forbidden.has(code)) return isOfFiles(error) ? failedFile(error, code, subject) : error;
  return new TranshipError('E_FILE_DENIED', 'failed', 'The file or folder may not be used.', {
    subject,
    serverSaid: code,
    hint: 'Check the permissions of the file and of the folder that it is in.',
    cause: error,
  });
}

function failedFile(error: unknown, code: string, subject: string): TranshipError {
  const crowded = code === 'EMFILE' || code === 'ENFILE';
  return new TranshipError('E_FILE_FAILED', passing.has(code) ? 'temporary' : 'failed', 'The file system failed.', {
    subject,
    serverSaid: error instanceof Error ? error.message : code,
    hint: crowded
      ? 'Too many files are open: raise the limit (`ulimit -n`) or copy fewer tags at a time (--jobs).'
      : 'Look at the disk and the system’s log.',
    cause: error,
  });
}

/** System errors of other kinds, a network’s for instance, are not for here. */
function isOfFiles(error: unknown): boolean {
  if (/^E(CONN|PIPE|NET|HOST|ADDR)/.test(systemCode(error) ?? '')) return false;
  return error instanceof Error && 'syscall' in error && fileCalls.has(String(error.syscall));
}

const fileCalls: ReadonlySet<string> = new Set(
  'open close read write writev fsync ftruncate rename unlink mkdir rmdir rm link lstat stat fstat scandir copyfile mkdtemp'.split(
    ' ',
  ),
);

/** Content that could lead outside the layout. */
export function unsafe(subject: string, why: string, cause?: unknown): TranshipError {
  return new TranshipError('E_LAYOUT_UNSAFE', 'refused', `The layout is not safe to use: ${why}.`, { subject, cause });
}

/** Content that is not what it says. */
export function damaged(subject: string, why: string, cause?: unknown): TranshipError {
  return new TranshipError('E_LAYOUT_DAMAGED', 'failed', `The layout is damaged: ${why}.`, {
    subject,
    hint: 'Copy the image into it again: wrong content is replaced.',
    cause,
  });
}

/** An archive that cannot be read. Nothing can be added to it either. */
export function brokenTar(subject: string, why: string): TranshipError {
  return new TranshipError('E_LAYOUT_DAMAGED', 'failed', `The archive cannot be read: ${why}.`, {
    subject,
    hint: 'Make it again, or name another file.',
  });
}

export function packedTar(subject: string, how: string): TranshipError {
  return new TranshipError('E_NOT_A_LAYOUT', 'failed', `This is not an OCI archive yet: it is packed with ${how}.`, {
    subject,
    hint: 'Unpack it first: an archive is read in place, and its layers are packed already.',
  });
}

/** A place that is no layout at all. */
export function notALayout(subject: string, why: string, cause?: unknown): TranshipError {
  return new TranshipError('E_NOT_A_LAYOUT', 'failed', `This is not an OCI image layout: ${why}.`, {
    subject,
    hint: 'A layout is a folder with the files `oci-layout` and `index.json` and the folder `blobs`.',
    cause,
  });
}

/** An archive of the older kind: its layers have no digests that a registry would know. */
export function savedForDocker(subject: string): TranshipError {
  const message = 'This is not an OCI image layout: it is an archive for `docker load`.';
  return new TranshipError('E_NOT_A_LAYOUT', 'failed', message, { subject, hint: fromDockerArchive });
}

const fromDockerArchive =
  'Save the image again as an OCI archive (`podman save --format oci-archive`, or docker 25 and newer), or convert the file: `skopeo copy docker-archive:FILE oci-archive:OTHER`.';
