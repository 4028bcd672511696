import type { RepositoryName } from '../oci/names.ts';
import type { Action } from './access.ts';
import { deleteBlob, readBlob } from './blobs.ts';
import type { Context } from './context.ts';
import { sendJson } from './exchange.ts';
import { Fault } from './fault.ts';
import { listReferrers, listRepositories, listTags } from './listings.ts';
import { deleteManifest, pushManifest, readManifest } from './manifests.ts';
import type { Route } from './route.ts';
import { appendToUpload, beginUpload, cancelUpload, finishUpload, showUpload } from './uploads.ts';

type Handler = (context: Context) => Promise<void>;

/** The endpoints of the distribution specification: what a method does on a path, for someone who may. */
export async function dispatch(context: Context, route: Route): Promise<void> {
  const handlers = handlersOf(route);
  const method = context.request.method === 'HEAD' ? 'GET' : (context.request.method ?? '');
  const handler = handlers[method];
  if (handler === undefined) throw notAllowed(handlers);
  if ('name' in route) demand(context, method, route);
  await handler(context);
}

function handlersOf(route: Route): Readonly<Record<string, Handler>> {
  switch (route.about) {
    case 'ping':
      return { GET: ping };
    case 'catalog':
      return { GET: listRepositories };
    case 'tags':
      return { GET: (context) => listTags(context, route.name) };
    case 'referrers':
      return { GET: (context) => listReferrers(context, route.name, route.digest) };
    case 'blob':
      return {
        GET: (context) => readBlob(context, route.name, route.digest),
        DELETE: deleting((context) => deleteBlob(context, route.name, route.digest)),
      };
    case 'uploads':
      return { POST: (context) => beginUpload(context, route.name) };
    case 'upload':
      return {
        GET: (context) => showUpload(context, route.name, route.id),
        PATCH: (context) => appendToUpload(context, route.name, route.id),
        PUT: (context) => finishUpload(context, route.name, route.id),
        DELETE: (context) => cancelUpload(context, route.name, route.id),
      };
    case 'manifest':
      return {
        GET: (context) => readManifest(context, route.name, route.reference),
        PUT: (context) => pushManifest(context, route.name, route.reference),
        DELETE: deleting((context) => deleteManifest(context, route.name, route.reference)),
      };
  }
}

async function ping(context: Context): Promise<void> {
  sendJson(context, 200, {}, context.rules.sparseIndexes ? { 'x-sparse-manifest-support': '1' } : {});
}

function deleting(handler: Handler): Handler {
  return (context) => {
    if (!context.rules.deletes) throw new Fault(405, { code: 'UNSUPPORTED', message: 'this registry deletes nothing' });
    return handler(context);
  };
}

/** Cancelling an upload undoes one's own push, so it needs no more than that. */
function demand({ access }: Context, method: string, route: Extract<Route, { name: RepositoryName }>): void {
  const action = actionFor(method, route);
  if (!access.may(action, route.name)) throw access.refuse(action, route.name);
}

function actionFor(method: string, { about }: Route): Action {
  if (about === 'upload' || about === 'uploads') return 'push';
  if (method === 'GET') return 'pull';
  return method === 'DELETE' ? 'delete' : 'push';
}

function notAllowed(handlers: Readonly<Record<string, Handler>>): Fault {
  const methods = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const message = 'this method is not known here';
  return new Fault(405, { code: 'UNSUPPORTED', message }, { allow: methods.join(', ') });
}
