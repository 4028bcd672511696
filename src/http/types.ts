/**
 * What the rooms that speak HTTP see of the one way out. Everything here is free of any registry's rules: who may be
 * asked, how often, over which TLS and proxy, how bytes move, what is retried.
 */

import type { Secret } from '../kit/secret.ts';
import type { ByteStream, CallOptions } from '../oci/ports.ts';

export type Headers = Readonly<Record<string, string>>;

/** Lower-case names; repeated headers joined with `, ` except `set-cookie` and `www-authenticate`, which `all` keeps apart. */
export interface ResponseHeaders {
  get(name: string): string | undefined;
  all(name: string): readonly string[];
}

/**
 * When a request may be sent again without the caller's doing:
 * - `idempotent`: after any failure that may pass (cut connection, 429, 502, 503, 504; 500 at most 3 times in all);
 * - `unsent`: only while the server cannot have acted, i.e. the connection failed before a response byte and before
 *   anything was sent on a new connection, or the server said 429/503;
 * - `never`.
 */
export type RetryPolicy = 'idempotent' | 'unsent' | 'never';

export interface HttpRequest extends CallOptions {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Headers;
  /**
   * The `Authorization` value, bound to `url`'s origin: a redirect to another origin goes without it and never gets it
   * back.
   */
  readonly authorization?: Secret | undefined;
  readonly body?: Uint8Array;
  /** Default: `idempotent` for GET, HEAD, PUT with a buffered body and DELETE; `unsent` for POST; `never` for PATCH. */
  readonly retry?: RetryPolicy;
  /** Follow redirects by the URL policy. Default: for GET and HEAD only; a redirect of anything else is returned as it is. */
  readonly redirects?: 'follow' | 'return';
  /** The most bytes of the answer's body that are read; more is `E_ANSWER_TOO_LARGE`. Default 4 MiB. */
  readonly bodyLimit?: number;
  /** Of a download: how many bytes are to come, where the caller knows. Small ones wait in a queue of their own. */
  readonly expectedBytes?: number | undefined;
  /**
   * What it is about, in a word for people, such as `uploads`. Requests of one method about one thing are taken to fail or
   * succeed together: a host may do all others well.
   */
  readonly about?: string | undefined;
  /** The caller waits for the host itself, asking now and then: it may ask one that is left alone or given up, too. */
  readonly awaitsHost?: boolean | undefined;
  /** How long the server may think before its answer's head. Default 60 s; a commit of a large blob needs more. */
  readonly headTimeoutMs?: number;
  /**
   * The origin of the server that handed out `url` (an upload location, a realm, a link on another host). Every address
   * that such a host resolves to is checked before connecting: none that belongs to a machine's own metadata services,
   * none that is private unless the giver is private itself.
   */
  readonly givenBy?: URL | undefined;
}

/** An answer, whatever its status: only transport failures throw. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Buffer;
  /** Where the answer came from after redirects. */
  readonly url: URL;
  /** It means that there were too many requests: a 429, or a 503 that stands for one. */
  readonly isThrottled?: boolean;
}

/** An answer whose body is read as a stream of pooled buffers when the status is 200 or 206, else buffered as usual. */
export type HttpDownload =
  | (Omit<HttpAnswer, 'body'> & { readonly status: 200 | 206; readonly stream: ByteStream })
  | (HttpAnswer & { readonly stream?: undefined });

export interface HttpUpload extends Omit<HttpRequest, 'body' | 'retry' | 'redirects'> {
  /** Exactly this many bytes are sent; a source that gives more or fewer is an error and the connection is destroyed. */
  readonly contentLength: number;
  /** Opened once the connection stands, so that no upload idles while a slow source starts. Called at most once. */
  open(): Promise<ByteStream>;
  /** Cumulative bytes handed to the socket. */
  onProgress?(bytes: number): void;
  /**
   * Sends the body without its length in the head, and ends it in order once this fires or the source fails, instead of
   * breaking the connection: for servers that lose an upload which breaks off. The answer is then the one to what went out.
   */
  readonly endEarly?: AbortSignal | undefined;
}

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>;
  download(request: HttpRequest): Promise<HttpDownload>;
  /** Never retried here: only the upload's own state machine knows what the server holds. */
  upload(upload: HttpUpload): Promise<HttpAnswer>;
  /** Closes idle connections. */
  close(): Promise<void>;
}

/** What a host needs beyond the defaults. Keyed by `host[:port]` as it stands in references. */
export interface HostSettings {
  /** Plain HTTP because the user said so. Loopback hosts fall back to it by themselves. */
  readonly plainHttp?: boolean;
  /** Spoken to in plain HTTP where it speaks no TLS, as loopback hosts are: the user waived its certificate anyway. */
  readonly mayBePlainHttp?: boolean;
  /** No certificate check, for this host alone. */
  readonly insecure?: boolean;
  /** PEM text of further certificate authorities, beside the system's. */
  readonly ca?: string;
  readonly clientCertificate?: { readonly cert: string; readonly key: Secret };
  /** Requests in flight at most, before adaption. Default 64 small requests, 8 blobs and 32 small blobs each way. */
  readonly concurrency?: number;
  readonly requestsPerSecond?: number;
  /** Bytes a second, both directions together. */
  readonly bandwidth?: number;
  /** Hosts beside the registry's own that its token realm may stand on (GitLab). */
  readonly tokenHosts?: readonly string[];
  /** Hosts (`host[:port]`) that this registry may send us to even where the URL policy would say no, private ones too. */
  readonly allowedHosts?: readonly string[];
  /** Blob downloads may be redirected from https to plain http: their content is checked, none of our headers travel. */
  readonly allowHttpBlobRedirects?: boolean;
}

/** What the transport tells while it works. URLs are redacted. */
export type HttpEvent =
  | {
      readonly type: 'request';
      readonly host: string;
      readonly method: string;
      readonly url: string;
      /** Absent when no answer came. */
      readonly status?: number;
      readonly attempt: number;
      readonly milliseconds: number;
      readonly sentBytes: number;
      readonly receivedBytes: number;
      readonly error?: string;
    }
  | {
      readonly type: 'waiting';
      readonly host: string;
      readonly milliseconds: number;
      readonly reason: string;
      /** It may well be over sooner. */
      readonly atMost?: true;
    };
