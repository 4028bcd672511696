import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiRules, type Endpoint } from './api/dispatch.ts';
import { messageError } from './api/errors.ts';
import { rateLimiter } from './http/rate-limit.ts';
import {
  empty,
  methodNotAllowedPage,
  proxyPage,
  type Reply,
  ReplyError,
  redirect,
  serverErrorPage,
} from './http/reply.ts';
import { type FakeRequest, readRequest } from './http/request.ts';
import { createRouter, type Router } from './http/router.ts';
import { webRules } from './http/web.ts';
import type { World } from './model/world.ts';
import { answerRegistry } from './registry/routes.ts';

/** What a test may look at afterwards: one request and its status. */
export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Builds the routes anew, after the features have changed. */
  reconfigure(): void;
}

/** Serves `world` on a loopback port. `before` runs ahead of every request, `after` gets every request with its answer. */
export async function listen(
  world: World,
  port: number,
  before: () => Promise<void>,
  after: (request: LoggedRequest) => void,
): Promise<Listening> {
  const build = () => createRouter<Endpoint>([...apiRules(world), ...webRules]);
  let router = build();
  const limited = rateLimiter(world);
  const server = createServer((message, response) => {
    void serve(message, response);
  });
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(message, world.settings.basePath);
    await before();
    const reply = tooLarge(request) ?? limited(request) ?? (await answer(world, router, request));
    after({
      method: request.method,
      path: `${request.path}${request.search}`,
      status: reply.status,
      body: request.body.toString('utf8'),
    });
    send(world, request, response, reply);
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: actual } = server.address() as AddressInfo;
  const reconfigure = () => {
    router = build();
  };
  return { server, port: actual, reconfigure };
}

/** Only uploads may be larger than the shipped proxy lets through, so it bounds manifests too. */
function tooLarge(request: FakeRequest): Reply | undefined {
  const isUpload = /^\/v2\/.+\/blobs\/uploads\//.test(request.path);
  return isUpload || request.body.length <= largestBody ? undefined : proxyPage(413, 'Request Entity Too Large');
}

const largestBody = 5 * 1024 * 1024;

async function answer(world: World, router: Router<Endpoint>, request: FakeRequest): Promise<Reply> {
  try {
    if (request.path === '/v2' || request.path.startsWith('/v2/')) return await answerRegistry(world, request);
    return await route(world, router, request);
  } catch (error) {
    if (error instanceof ReplyError) return error.reply;
    process.stderr.write(`fake Quay: ${request.method} ${request.path}: ${String((error as Error).stack ?? error)}\n`);
    return serverErrorPage();
  }
}

async function route(world: World, router: Router<Endpoint>, request: FakeRequest): Promise<Reply> {
  const match = router.match(request.method, request.path);
  if ('found' in match) return match.found(world, request, match.params);
  if ('redirect' in match) return redirect(308, `${world.origin}${match.redirect}${request.search}`);
  if ('unknown' in match) return redirect(308, `${world.origin}${request.path}/${request.search}`);
  const allow = match.allow.join(', ');
  if (request.method === 'OPTIONS') return empty(200, { Allow: allow });
  if (!match.json) return methodNotAllowedPage(allow);
  const { reply } = messageError(405, 'The method is not allowed for the requested URL.');
  return { ...reply, headers: { ...reply.headers, Allow: allow } };
}

function send(world: World, request: FakeRequest, response: ServerResponse, reply: Reply): void {
  const date = new Date(world.clock.now()).toUTCString();
  const frame = reply.status < 400 ? { 'X-Frame-Options': 'DENY' } : {};
  response.writeHead(reply.status, {
    Date: date,
    ...frame,
    ...reply.headers,
    ...(reply.status === 204 ? {} : { 'Content-Length': String(reply.body.length) }),
  });
  response.end(request.method === 'HEAD' || reply.status === 204 ? undefined : reply.body);
}
