import type { IncomingMessage } from 'node:http';
import { badRequestMessage, messageError } from '../api/errors.ts';

/** A request as the routes see it: read completely, its path decoded. */
export interface FakeRequest {
  readonly method: string;
  /** Percent-decoded, without the query. */
  readonly path: string;
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The most bytes of a request that this double takes. */
const bodyLimit = 256 * 1024 * 1024;

export async function readRequest(message: IncomingMessage, basePath: string): Promise<FakeRequest> {
  const target = message.url ?? '/';
  const question = target.indexOf('?');
  const rawPath = question < 0 ? target : target.slice(0, question);
  const search = question < 0 ? '' : target.slice(question);
  const path = decode(rawPath);
  return {
    method: message.method ?? 'GET',
    path: path.startsWith(basePath) ? path.slice(basePath.length) : path,
    rawPath,
    query: new URLSearchParams(search),
    search,
    headers: plainHeaders(message),
    body: await readBody(message),
  };
}

/** The JSON body. Quay refuses another content type with 415 and broken JSON with 400. */
export function jsonBody(request: FakeRequest): unknown {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json/i.test(type)) {
    throw messageError(
      415,
      "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.",
    );
  }
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    throw messageError(400, badRequestMessage);
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function plainHeaders(message: IncomingMessage): Record<string, string> {
  const entries = Object.entries(message.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return Object.fromEntries(entries);
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const buffer = Buffer.from(chunk as Uint8Array);
    size += buffer.length;
    if (size > bodyLimit) throw new Error(`A request of more than ${bodyLimit} bytes is too much for the fake Quay`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}
