import { TranshipError } from '../oci/errors.ts';

/** How far a request had come when its connection failed. Decides what may be sent again. */
export type Reach =
  /** There was no connection. */
  | 'unsent'
  /** It went out on a kept connection that was closed without an answer: nearly always the server had closed it before. */
  | 'stale'
  /** The server may have acted; no answer came. */
  | 'sent'
  /** The answer had begun. */
  | 'answered';

/** A failed exchange inside the transport: the user's error, and how far it had come. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';
  readonly error: TranshipError;
  readonly reach: Reach;

  constructor(error: TranshipError, reach: Reach) {
    super(error.message, { cause: error });
    this.error = error;
    this.reach = reach;
  }

  /** Of the connector, which throws nothing but `TranshipError`s, or a fault of ours. */
  static unsent(error: unknown): unknown {
    return error instanceof TranshipError ? new ExchangeFailure(error, 'unsent') : error;
  }

  static answered(error: unknown): unknown {
    return error instanceof TranshipError ? new ExchangeFailure(error, 'answered') : error;
  }
}

export interface Place {
  /** `host[:port]` that was to be reached. */
  readonly host: string;
  /** `host[:port]` of the proxy in between. */
  readonly proxy?: string | undefined;
  /** No byte of an answer has come over plain HTTP: so it looks where the port speaks TLS. */
  readonly plainHttp?: boolean | undefined;
}

/** Turns what Node says into what a user can act upon. */
export function transportError(cause: unknown, place: Place): TranshipError {
  if (cause instanceof TranshipError) return cause;
  const code = codeOf(cause);
  return (
    nameError(code, place, cause) ??
    certificateError(code, place, cause) ??
    plainHttpError(cause, place) ??
    tlsError(code, place, cause) ??
    cutError(code, place, cause) ??
    unreachable(place, cause)
  );
}

export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

function isPlainHttpAnswer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /wrong version number|packet length too long|http request|unknown protocol/iu.test(error.message);
}

/** The chain ends at an authority that is not trusted: the one failure that more authorities can cure. */
export function isUnknownAuthority(error: unknown): boolean {
  return unknownAuthority.has(codeOf(error));
}

const unknownAuthority = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

/** Behind a proxy, its name is the only one that is looked up here. */
function nameError(code: string, { host, proxy }: Place, cause: unknown): TranshipError | undefined {
  if (!['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL'].includes(code)) return undefined;
  return new TranshipError('E_DNS', 'temporary', `the name ${proxy ?? host} does not resolve (${code})`, {
    subject: host,
    hint: 'check the spelling, the network and the name servers',
    cause,
  });
}

function certificateError(code: string, { host }: Place, cause: unknown): TranshipError | undefined {
  if (code === 'CERT_HAS_EXPIRED') {
    return failed('E_TLS_EXPIRED', host, `the certificate of ${host} has expired`, renew, cause);
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return failed('E_TLS_NOT_YET_VALID', host, `the certificate of ${host} is not valid yet`, clockHint, cause);
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return failed('E_TLS_WRONG_HOST', host, `the certificate of ${host} is for other names`, nameHint, cause);
  }
  if (unknownAuthority.has(code)) {
    return failed('E_TLS_UNKNOWN_CA', host, `the certificate of ${host} is from an unknown authority`, caHint, cause);
  }
  return undefined;
}

const renew = 'have it renewed; if the date looks right, check the clock of this machine';
const clockHint = 'check the clock of this machine';
const nameHint = 'address the registry by a name that its certificate carries';
const caHint = "give the authority's certificate with --ca-file, or tls.ca of the registry in the configuration";

function plainHttpError(cause: unknown, { host }: Place): TranshipError | undefined {
  if (!isPlainHttpAnswer(cause)) return undefined;
  const message = `${host} speaks plain HTTP, not HTTPS`;
  return failed('E_TLS_PLAIN_HTTP', host, message, 'if that is meant, say so: --plain-http, or an http:// url', cause);
}

function tlsError(code: string, { host }: Place, cause: unknown): TranshipError | undefined {
  if (!/^(ERR_SSL|ERR_TLS|CERT_|EPROTO|HOSTNAME_|INVALID_)/u.test(code)) return undefined;
  const detail = cause instanceof Error ? sslReason(cause) : code;
  return failed('E_TLS', host, `no secure connection to ${host}: ${detail}`, tlsHint, cause);
}

const tlsHint = 'TLS 1.2 or newer is needed; a server that wants a client certificate needs tls.cert and tls.key';

function sslReason(error: Error): string {
  const reason: unknown = Reflect.get(error, 'reason');
  return typeof reason === 'string' ? reason : codeOf(error);
}

function cutError(code: string, { host, plainHttp }: Place, cause: unknown): TranshipError | undefined {
  if (
    !['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code) &&
    !code.startsWith('HPE_')
  ) {
    return undefined;
  }
  const message = code.startsWith('HPE_')
    ? `${host} sent what is not HTTP (${code})`
    : `${host} closed the connection before its answer was complete`;
  const hint = plainHttp ? 'if this port speaks HTTPS, leave out --plain-http; otherwise try again' : undefined;
  return new TranshipError('E_CUT', 'temporary', message, { subject: host, ...(hint && { hint }), cause });
}

function unreachable({ host, proxy }: Place, cause: unknown): TranshipError {
  const reason = codeOf(cause) || (cause instanceof Error ? cause.message : String(cause));
  const where = proxy === undefined ? host : `the proxy ${proxy} (on the way to ${host})`;
  return new TranshipError('E_UNREACHABLE', 'temporary', `${where} cannot be reached (${reason})`, {
    subject: host,
    hint: hintFor(reason),
    cause,
  });
}

function hintFor(reason: string): string {
  if (reason === 'ECONNREFUSED') return 'nothing listens there: check host and port';
  if (reason === 'EMFILE' || reason === 'ENFILE')
    return 'too many open files: lower the concurrency or raise ulimit -n';
  return 'check the network, the firewall and the proxy settings';
}

function failed(code: `E_${string}`, host: string, message: string, hint: string, cause: unknown): TranshipError {
  return new TranshipError(code, 'failed', message, { subject: host, hint, cause });
}

export function timedOut(host: string, waitedFor: string, milliseconds: number, hint?: string): TranshipError {
  const message = `${host}: ${waitedFor} for ${Math.round(milliseconds / 100) / 10} s`;
  return new TranshipError('E_TIMEOUT', 'temporary', message, {
    subject: host,
    hint: hint ?? 'the network or the server is stuck; it is worth trying again',
  });
}

export function cut(host: string, got: number, wanted: number): TranshipError {
  const message = `${host} ended its answer after ${got} of ${wanted} bytes`;
  return new TranshipError('E_CUT', 'temporary', message, { subject: host });
}

export function answerTooLarge(host: string, limit: number): TranshipError {
  const message = `${host} sent an answer of more than ${limit} bytes`;
  return new TranshipError('E_ANSWER_TOO_LARGE', 'failed', message, {
    subject: host,
    hint: 'no well-behaved registry does; is this address a registry?',
  });
}

/** A host that is not waited for any longer: until something changes there, trying again in whatever way comes to the same. */
export function isGivenUp(error: unknown): boolean {
  if (!(error instanceof TranshipError)) return false;
  return error.code === 'E_HOST_DOWN' || (error.code === 'E_THROTTLED' && error.serverSaid === undefined);
}

/** What a server sent cannot be read. */
export function notHttp(what: string): Error {
  return Object.assign(new Error(what), { code: 'HPE_INVALID' });
}
