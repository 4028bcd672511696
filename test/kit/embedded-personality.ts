import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** What a registry does otherwise than the embedded one. All of it can be changed while it runs. */
export interface Personality {
  /** Milliseconds before each request is looked at. */
  latencyMs?: number;
  /** Answers HEAD with 405. */
  refuseHead?: boolean;
  /** 404 for referrers, and no `OCI-Subject` on a push. */
  noReferrersApi?: boolean;
  /** Takes a mount for an ordinary upload. */
  noMount?: boolean;
  /** 409 for a tag that would move. */
  immutableTags?: boolean;
  /** 403 DENIED once this many bytes of blobs were sent. */
  quotaBytes?: number;
  /** 405 DENIED after this many writes; 0 is read-only from now on. */
  readOnlyAfter?: number;
  /** The first answer that is not `undefined` is sent instead of the registry's own. */
  answer?: (
    request: IncomingMessage,
  ) => { status: number; body?: string; headers?: Record<string, string> } | undefined;
}

/** Puts `personality` in front of a registry. */
export function withPersonality(personality: Personality): (next: RequestListener) => RequestListener {
  const counts = { bytes: 0, writes: 0 };
  return (next) => (request, response) => {
    const go = () => {
      if (bend(personality, counts, request, response)) return;
      if (personality.immutableTags && isTagPush(request)) void keepTag(request, response, next);
      else next(request, response);
    };
    if (personality.latencyMs === undefined) go();
    else setTimeout(go, personality.latencyMs);
  };
}

/** Answers in the registry's place, or changes the request and lets it go on. */
function bend(
  personality: Personality,
  counts: { bytes: number; writes: number },
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { method = '', url = '' } = request;
  const scripted = personality.answer?.(request);
  if (scripted !== undefined) return reply(request, response, scripted.status, scripted.body ?? '', scripted.headers);
  if (personality.refuseHead && method === 'HEAD') return refuse(request, response, 405, 'UNSUPPORTED', 'no HEAD here');
  if (personality.noReferrersApi) {
    if (url.includes('/referrers/')) return reply(request, response, 404, '404 page not found\n');
    withoutHeader(response, 'oci-subject');
  }
  if (personality.noMount && method === 'POST') request.url = url.replace(/\?.*mount=.*/, '');
  if (method === 'GET' || method === 'HEAD') return false;
  if (personality.readOnlyAfter !== undefined && counts.writes++ >= personality.readOnlyAfter) {
    return refuse(request, response, 405, 'DENIED', 'System is in read-only mode', { is_readonly: true });
  }
  if (personality.quotaBytes === undefined || !url.includes('/blobs/uploads/')) return false;
  counts.bytes += Number(request.headers['content-length'] ?? 0);
  if (counts.bytes <= personality.quotaBytes) return false;
  return refuse(request, response, 403, 'DENIED', 'Quota has been exceeded on namespace');
}

function isTagPush({ method, url = '' }: IncomingMessage): boolean {
  return method === 'PUT' && /\/manifests\/[^:?]+(\?|$)/.test(url);
}

/** A push of what the tag names already is fine; of anything else, 409. */
async function keepTag(request: IncomingMessage, response: ServerResponse, next: RequestListener): Promise<void> {
  const { authorization } = request.headers;
  const asked = await fetch(`http://${request.headers.host}${request.url}`, {
    method: 'HEAD',
    headers: authorization === undefined ? {} : { authorization },
  });
  const digest = asked.headers.get('docker-content-digest');
  if (asked.status !== 200 || digest === null) return next(request, response);
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const pushed = `sha256:${createHash('sha256').update(Buffer.concat(pieces)).digest('hex')}`;
  if (pushed === digest)
    reply(request, response, 201, '', { 'docker-content-digest': digest, location: request.url ?? '' });
  else refuse(request, response, 409, 'TAG_IMMUTABLE', 'the tag is immutable');
}

function withoutHeader(response: ServerResponse, name: string): void {
  const writeHead = response.writeHead.bind(response);
  const filtered = (status: number, headers: Record<string, string> = {}) => {
    const { [name]: _, ...others } = headers;
    return writeHead(status, others);
  };
  Object.assign(response, { writeHead: filtered });
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  detail: unknown = {},
): true {
  const body = JSON.stringify({ errors: [{ code, message, detail }] });
  return reply(request, response, status, body, { 'content-type': 'application/json' });
}

function reply(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): true {
  request.resume();
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
  return true;
}
