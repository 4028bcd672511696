import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Gate } from './access.ts';
import { openGate } from './access.ts';
import { createGate } from './auth/gate.ts';
import type { AuthOptions } from './auth/options.ts';
import type { Rules } from './context.ts';
import { createHandler } from './handler.ts';
import { type RequestInfo, watched } from './observe.ts';
import { Storage } from './storage.ts';

export interface RegistryOptions {
  /** Everything is kept here. A folder that is an OCI image layout is served as one repository. Made where absent. */
  readonly root: string;
  /** The repository's name where `root` is a layout. Default: the folder's own name, else `layout`. */
  readonly layoutName?: string;
  /** Default: any free port of 127.0.0.1. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** PEM texts. Without them plain HTTP is spoken. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Without it everyone may do everything. */
  readonly auth?: AuthOptions;
  /** Answers every write with 405 DENIED. */
  readonly readOnly?: boolean;
  /** Whether tags, manifests and blobs can be deleted. Default true. */
  readonly delete?: boolean;
  /** Takes an index although some of its children are absent. Default false. */
  readonly sparseIndexes?: boolean;
  /** The most bytes of one blob. Default 1 TiB. */
  readonly largestBlob?: number;
  /** Told of every request once it is answered or cut. */
  readonly onRequest?: (info: RequestInfo) => void;
  /** Told of failures that are the registry's own (500). */
  readonly onError?: (error: unknown) => void;
  /** Puts something of the caller's in front of the registry. */
  readonly wrap?: (next: RequestListener) => RequestListener;
  /** Milliseconds since the epoch; for tests. */
  readonly now?: () => number;
}

/** A registry that serves. */
export interface RunningRegistry extends AsyncDisposable {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  /** `127.0.0.1:5000`, as it stands in references. */
  readonly host: string;
  readonly port: number;
  /** Takes no more requests, lets those in flight end for up to `graceMs`, and writes down what is open. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

const defaultLargestBlob = 2 ** 40;
const defaultGraceMs = 10_000;

const sweepEveryMs = 60 * 60 * 1000;

/** Longer than clients keep theirs, so that they close first and no request meets a closing connection. */
const keepAliveMs = 75_000;

/** Starts a registry by the OCI distribution specification 1.1 on a folder. Resolves once it takes connections. */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const now = options.now ?? Date.now;
  const storage = await Storage.open(options);
  try {
    await storage.uploads.sweep(now());
    const gate = options.auth === undefined ? openGate : createGate(options.auth, now);
    const server = makeServer(options, listenerFor(options, storage, gate));
    await listen(server, options);
    const sweeping = setInterval(() => void sweep(storage, now(), options), sweepEveryMs).unref();
    server.once('close', () => clearInterval(sweeping));
    return describe(server, storage, options);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** A server that runs for months must not keep what clients left behind until it starts again. */
async function sweep(storage: Storage, now: number, { onError }: RegistryOptions): Promise<void> {
  await storage.uploads.sweep(now).catch((error: unknown) => onError?.(error));
}

function listenerFor(options: RegistryOptions, storage: Storage, gate: Gate): RequestListener {
  const handler = createHandler({
    storage,
    gate,
    rules: rulesOf(options),
    readOnly: options.readOnly ?? false,
    onError: options.onError ?? (() => undefined),
  });
  const answer: RequestListener = (request, response) => void handler(request, response);
  const wrapped = options.wrap?.(answer) ?? answer;
  return options.onRequest === undefined ? wrapped : watched(wrapped, options.onRequest);
}

function rulesOf(options: RegistryOptions): Rules {
  return {
    deletes: options.delete ?? true,
    sparseIndexes: options.sparseIndexes ?? false,
    largestBlob: options.largestBlob ?? defaultLargestBlob,
  };
}

/** No limit on a whole request's time, because a large blob takes as long as it takes; heads must come within a minute. */
function makeServer(
  { tls }: RegistryOptions,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const limits = {
    requestTimeout: 0,
    headersTimeout: 60_000,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: 32 * 1024,
    highWaterMark: 256 * 1024,
  };
  return tls === undefined ? createServer(limits, listener) : createTlsServer({ ...limits, ...tls }, listener);
}

async function listen(server: Server, { listen: at }: RegistryOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: at?.host ?? '127.0.0.1', port: at?.port ?? 0 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function describe(server: Server, storage: Storage, { tls, listen: at }: RegistryOptions): RunningRegistry {
  const { port } = server.address() as AddressInfo;
  const hostName = at?.host ?? '127.0.0.1';
  const host = `${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`;
  let closing: Promise<void> | undefined;
  const close = (graceMs: number) => {
    closing ??= shutDown(server, graceMs).then(() => storage.close());
    return closing;
  };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    host,
    port,
    close: ({ graceMs = defaultGraceMs } = {}) => close(graceMs),
    [Symbol.asyncDispose]: () => close(0),
  };
}

async function shutDown(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  if (graceMs === 0) server.closeAllConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
