import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type FakeQuay, standingClock, startFakeQuay } from '../../kit/quay/index.ts';
import { compareValues } from './compare.ts';
import { whyForgiven } from './ignored.ts';
import { Learned, pairParts } from './learned.ts';
import { type Exchange, header, readSession, type SessionName } from './recording.ts';
import { optionsOf } from './session-options.ts';
import { startSourceRegistry } from './source-registry.ts';

export interface Outcome {
  readonly exchange: Exchange;
  readonly status: number;
  readonly statusEqual: boolean;
  /** Where the body or a header that matters differs, but for what is forgiven; empty when nothing does. */
  readonly differences: readonly string[];
}

export interface SessionResult {
  readonly session: SessionName;
  readonly outcomes: readonly Outcome[];
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const recordedSource = '127.0.0.1:5055';

/** Sends a whole session, in order, to an empty fake, and compares every answer. */
export async function replaySession(session: SessionName): Promise<SessionResult> {
  const exchanges = readSession(session);
  await using source = await startSourceRegistry();
  const clock = standingClock(dateOf(exchanges[0]));
  const { before, allowedHosts = ['127.0.0.1', 'localhost'], ...options } = optionsOf(session);
  await using quay = await startFakeQuay({
    ...options,
    clock,
    workers: 'manual',
    allowedHosts,
    resolvable: (host) => /^[\d.[\]:]+$/.test(host) || host === 'localhost',
    resolveHost: (host) => (host === recordedSource ? source.host : host),
  });
  const learned = new Learned();
  const outcomes: Outcome[] = [];
  for (const exchange of exchanges) {
    clock.set(dateOf(exchange));
    before?.({ quay, source, exchange });
    if (exchange.server !== undefined) {
      learnHeaders(exchange, await send(exchange, source.host, learned), learned);
      continue;
    }
    await runWorkersFor(quay, exchange, async () => (await send(exchange, quay.host, learned)).body);
    outcomes.push(judge(exchange, await send(exchange, quay.host, learned), learned));
  }
  return { session, outcomes };
}

function dateOf(exchange: Exchange | undefined): number {
  const date = exchange === undefined ? undefined : header(exchange, 'date');
  return date === undefined ? 0 : Date.parse(date);
}

/**
 * When the workers ran is not the fake's doing: the recording tells. Ahead of an answer that shows a mirror, the workers go
 * step by step until the fake's mirror is where the recorded one was.
 */
async function runWorkersFor(quay: FakeQuay, exchange: Exchange, ask: () => Promise<string>): Promise<void> {
  if (exchange.method !== 'GET' || exchange.status !== 200) return;
  if (!/\/mirror(?:\/repositories.*)?$/.test(exchange.path)) return;
  const wanted = progress(String(exchange.responseBody));
  if (wanted === '') return;
  for (let step = 0; step < mostSteps; step += 1) {
    if (progress(await ask()) === wanted) return;
    if (!(await quay.stepWorkers())) return;
  }
}

const mostSteps = 16;

/** How far a mirror is: its statuses, its retries and how many of its repositories are in which state. */
function progress(body: string): string {
  const fields = body
    .replaceAll(' ', '')
    .matchAll(/"(?:(?:sync_)?status|sync_retries_remaining|total_repositories|[A-Z_]+)":[\w"]+/g);
  return [...fields].map(([text]) => text).join();
}

/** A connection for each of thousands of exchanges would cost as much as the exchanges. */
const agent = new Agent({ keepAlive: true });

async function send(exchange: Exchange, host: string, learned: Learned): Promise<Answer> {
  const [address, port] = host.split(':');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(exchange.requestHeaders)) {
    if (/^(?:content-length|authorization|connection)$/i.test(name)) continue;
    headers[name] = learned.translate(value);
  }
  const authorization = authorizationOf(exchange, learned);
  if (authorization !== undefined) headers['Authorization'] = authorization;
  const body = bodyOf(exchange, learned);
  if (body !== undefined) headers['Content-Length'] = String(body.length);
  const path = learned.translate(exchange.path);
  return new Promise((resolve, reject) => {
    const options = { host: address, port, method: exchange.method, path, headers, agent };
    const outgoing = httpRequest(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function authorizationOf(exchange: Exchange, learned: Learned): string | undefined {
  const { credentials } = exchange;
  if (credentials === undefined || credentials.scheme === 'Session') return undefined;
  if (credentials.scheme === 'Bearer') return `Bearer ${learned.translate(credentials.token ?? '')}`;
  const pair = `${credentials.username}:${learned.translate(credentials.password ?? '')}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function bodyOf(exchange: Exchange, learned: Learned): Buffer | undefined {
  const { requestBody } = exchange;
  if (requestBody === null) return undefined;
  if (typeof requestBody !== 'string') return Buffer.from(requestBody.base64, 'base64');
  return Buffer.from(learned.translate(requestBody));
}

function judge(exchange: Exchange, answer: Answer, learned: Learned): Outcome {
  learnHeaders(exchange, answer, learned);
  const differences = [
    ...compareHeaders(exchange, answer, learned),
    ...compareBodies(exchange, answer, learned),
  ].filter((difference) => whyForgiven(exchange, difference) === undefined);
  return {
    exchange,
    status: answer.status,
    statusEqual: answer.status === exchange.status,
    differences,
  };
}

const comparedHeaders = [
  'content-type',
  'content-range',
  'accept-ranges',
  'range',
  'location',
  'link',
  'allow',
  'www-authenticate',
  'retry-after',
  'docker-content-digest',
  'docker-upload-uuid',
  'docker-distribution-api-version',
  'oci-subject',
  'oci-filters-applied',
  'x-sparse-manifest-support',
];

/** The headers that a client acts on. */
function compareHeaders(exchange: Exchange, answer: Answer, learned: Learned): string[] {
  return comparedHeaders.flatMap((name) => {
    const recorded = header(exchange, name);
    const actual = answer.headers[name];
    const joined = Array.isArray(actual) ? actual.join(', ') : actual;
    if (name === 'allow') return compareValues(inOrder(recorded), inOrder(joined), learned, 'header allow');
    return compareValues(recorded, joined, learned, `header ${name}`);
  });
}

/** The methods of `Allow` come in no order. */
function inOrder(methods: string | undefined): string | undefined {
  return methods?.split(', ').toSorted().join(', ');
}

function learnHeaders(exchange: Exchange, answer: Answer, learned: Learned): void {
  for (const name of ['location', 'docker-upload-uuid', 'x-next-csrf-token', 'set-cookie', 'link']) {
    const recorded = header(exchange, name);
    const value = answer.headers[name];
    const actual = Array.isArray(value) ? value.join(', ') : value;
    if (recorded === undefined || actual === undefined) continue;
    if (name === 'set-cookie') learnCookie(recorded, actual, learned);
    else for (const [one, other] of pairParts(recorded, actual) ?? []) learned.learn(one, other);
  }
}

function learnCookie(recorded: string, actual: string, learned: Learned): void {
  const value = (cookie: string) => /_csrf_token=([^;]+)/.exec(cookie)?.[1] ?? '';
  learned.learn(value(recorded), value(actual));
}

function compareBodies(exchange: Exchange, answer: Answer, learned: Learned): string[] {
  const { responseBody } = exchange;
  if (typeof responseBody !== 'string' || exchange.method === 'HEAD') return [];
  if (exchange.responseJwt !== undefined) return compareTokens(exchange, answer, learned);
  if (isHtml(responseBody)) return isHtml(answer.body) ? titles(responseBody, answer.body) : ['HTML expected'];
  const [recorded, actual] = [parse(responseBody), parse(answer.body)];
  if (recorded === undefined || actual === undefined) {
    return responseBody.trim() === answer.body.trim()
      ? []
      : compareValues(responseBody.trim(), answer.body.trim(), learned, 'text');
  }
  return compareValues(recorded, actual, learned);
}

function compareTokens(exchange: Exchange, answer: Answer, learned: Learned): string[] {
  const { token } = JSON.parse(answer.body) as { token?: string };
  const recorded = (JSON.parse(String(exchange.responseBody)) as { token: string }).token;
  if (token === undefined) return ['token: absent'];
  learned.learn(recorded, token);
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown;
  return compareValues(exchange.responseJwt?.payload, payload, learned, 'jwt').filter(
    (text) => !/^jwt\.(?:nbf|iat|exp):/.test(text),
  );
}

function isHtml(text: string): boolean {
  return /^\s*<(?:!doctype|html)/i.test(text);
}

function titles(recorded: string, actual: string): string[] {
  const title = (page: string) => /<title[^>]*>([^<]*)</.exec(page)?.[1] ?? '';
  return title(recorded) === title(actual) ? [] : [`title: ${title(recorded)} / ${title(actual)}`];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
