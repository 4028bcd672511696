/** The error codes of the distribution specification. */
export type FaultCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS';

export interface FaultEntry {
  readonly code: FaultCode;
  readonly message: string;
  readonly detail?: unknown;
}

/** An answer other than success, thrown from wherever it was found out and sent as the specification's error document. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly status: number;
  readonly entries: readonly FaultEntry[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, entries: FaultEntry | readonly FaultEntry[], headers: Record<string, string> = {}) {
    const list: readonly FaultEntry[] = 'code' in entries ? [entries] : entries;
    super(list.map(({ code, message }) => `${code}: ${message}`).join('; '));
    this.status = status;
    this.entries = list;
    this.headers = headers;
  }
}

/** A fault of one entry. */
export function fault(status: number, code: FaultCode, message: string, detail?: unknown): Fault {
  return new Fault(status, { code, message, ...(detail !== undefined && { detail }) });
}
