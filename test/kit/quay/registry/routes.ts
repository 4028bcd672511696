import { frameworkPage, methodNotAllowedPage, type Reply, redirect, text } from '../http/reply.ts';
import type { FakeRequest } from '../http/request.ts';
import { feature, knows, type World } from '../model/world.ts';
import { answerAuth } from './auth.ts';
import { appendChunk, cancelUpload, deleteBlob, finishUpload, getBlob, startUpload, uploadStatus } from './blobs.ts';
import { challenge, type RegistryCall, tokenOf } from './context.ts';
import { catalog, listReferrers, listTags } from './listing.ts';
import { deleteManifest, getManifest, putManifest } from './manifests.ts';

type RegistryHandler = (call: RegistryCall) => Reply | Promise<Reply>;
type Verbs = Readonly<Record<string, RegistryHandler>>;

const digest = '[A-Za-z0-9_+.-]+:[A-Fa-f0-9]+';
const tag = '[\\w][\\w.-]{0,127}';

const routes: readonly (readonly [RegExp, Verbs])[] = [
  [/^\/v2\/(?<repository>.+)\/tags\/list$/, { GET: listTags }],
  [new RegExp(`^/v2/(?<repository>.+)/referrers/(?<digest>${digest})$`), { GET: listReferrers }],
  [
    new RegExp(`^/v2/(?<repository>.+)/manifests/(?<reference>${digest}|${tag})$`),
    { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  ],
  [/^\/v2\/(?<repository>.+)\/blobs\/uploads\/$/, { POST: startUpload }],
  [
    /^\/v2\/(?<repository>.+)\/blobs\/uploads\/(?<uuid>[^/]+)$/,
    { GET: uploadStatus, PATCH: appendChunk, PUT: finishUpload, DELETE: cancelUpload },
  ],
  [new RegExp(`^/v2/(?<repository>.+)/blobs/(?<digest>${digest})$`), { GET: getBlob, DELETE: deleteBlob }],
  [/^\/v2\/_catalog$/, { GET: catalog }],
];

/** Everything under `/v2`. */
export async function answerRegistry(world: World, request: FakeRequest): Promise<Reply> {
  const { path, method } = request;
  if (path === '/v2') return redirect(308, `${world.origin}/v2/`);
  if (path === '/v2/auth')
    return method === 'GET' ? answerAuth(world, request) : methodNotAllowedPage('GET, OPTIONS, HEAD');
  if (path === '/v2/') return answerBase(world, request);
  for (const [pattern, verbs] of routes) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const handler = verbs[method === 'HEAD' ? 'GET' : method];
    const byTag = handler === deleteManifest && match.groups?.['reference']?.includes(':') === false;
    if (byTag && !knows(world, '3.13')) return methodNotAllowedPage('GET, OPTIONS, HEAD, PUT');
    if (handler === undefined) return methodNotAllowedPage(allowed(verbs));
    if (handler === listReferrers && !feature(world, 'REFERRERS_API')) return text(404, '{"error": "Not Found"}');
    return handler({ world, request, params: match.groups ?? {}, token: tokenOf(world, request) });
  }
  return frameworkPage(
    404,
    'Not Found',
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  );
}

function allowed(verbs: Verbs): string {
  return [...Object.keys(verbs), 'OPTIONS', ...('GET' in verbs ? ['HEAD'] : [])].join(', ');
}

function answerBase(world: World, request: FakeRequest): Reply {
  const token = tokenOf(world, request);
  const version = { 'Docker-Distribution-API-Version': 'registry/2.0' };
  if (token?.user !== undefined) return text(200, 'true', version);
  return text(401, 'true', {
    ...version,
    'WWW-Authenticate': challenge(world),
    'X-Sparse-Manifest-Support': String(feature(world, 'SPARSE_INDEX')),
  });
}
