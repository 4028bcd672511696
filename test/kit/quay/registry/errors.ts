import { json, ReplyError, type ReplyHeaders } from '../http/reply.ts';

const known = {
  BLOB_UNKNOWN: [404, 'blob unknown to registry'],
  BLOB_UPLOAD_INVALID: [400, 'blob upload invalid'],
  BLOB_UPLOAD_UNKNOWN: [404, 'blob upload unknown to registry'],
  DENIED: [403, 'requested access to the resource is denied'],
  INVALID_REQUEST: [400, 'Invalid request'],
  MANIFEST_INVALID: [400, 'manifest invalid'],
  MANIFEST_UNKNOWN: [404, 'manifest unknown'],
  NAME_INVALID: [400, 'invalid repository name'],
  NAME_UNKNOWN: [404, 'repository not found'],
  TAG_EXPIRED: [404, 'Tag was deleted or has expired'],
  TAG_IMMUTABLE: [409, 'tag is immutable and cannot be overwritten'],
  UNAUTHORIZED: [401, 'access to the requested resource is not authorized'],
  UNSUPPORTED: [405, 'The operation is unsupported.'],
} as const;

export type RegistryErrorCode = keyof typeof known;

interface Details {
  readonly message?: string;
  readonly detail?: unknown;
  readonly status?: number;
  readonly headers?: ReplyHeaders;
}

/** An error of the registry protocol, `{"errors": [{code, detail, message}]}`. */
export function registryError(code: RegistryErrorCode, details: Details = {}): ReplyError {
  const [status, message] = known[code];
  const error = { code, detail: details.detail ?? {}, message: details.message ?? message };
  return new ReplyError(json(details.status ?? status, { errors: [error] }, details.headers ?? {}));
}
