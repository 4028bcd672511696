import { json, ok } from '../http/reply.ts';
import { findOrganization } from '../model/accounts.ts';
import { addressProblem } from '../model/addresses.ts';
import { logAction } from '../model/logs.ts';
import type { Account, ProxyCache } from '../model/types.ts';
import { knows } from '../model/world.ts';
import { upstreamOf } from '../worker/upstream.ts';
import {
  type Call,
  type Handlers,
  invalidRequest,
  notFound,
  organizationOf,
  param,
  requireOrganizationAdmin,
  requireOrganizationMember,
  textOf,
} from './call.ts';
import { brokenServer } from './errors.ts';

const oneDay = 86_400;

export const proxyCacheHandlers: Handlers = {
  getProxyCacheConfig(call) {
    const name = param(call, 'orgname');
    requireOrganizationMember(call, name);
    const cache = findOrganization(call.world, name)?.proxyCache;
    return ok({
      upstream_registry: cache?.upstream ?? '',
      expiration_s: cache?.expirationSeconds ?? '',
      insecure: cache?.insecure ?? '',
    });
  },

  createProxyCacheConfig(call) {
    const organization = guarded(call);
    refuseExisting(call, organization);
    if (organization.mirror !== undefined || organization.immutability.length > 0) {
      throw invalidRequest(call, 'Cannot configure a proxy cache for this organization');
    }
    // Read in the source of older versions: what the body lacks and what it has too much of breaks the call.
    if (!knows(call.world, '3.19') && !isWholeBody(call.body)) throw brokenServer();
    organization.proxyCache = configOf(call);
    logAction(call, 'create_proxy_cache_config', organization.username, {
      upstream_registry: organization.proxyCache.upstream,
    });
    return json(201, 'Created');
  },

  deleteProxyCacheConfig(call) {
    const organization = guarded(call);
    if (organization.proxyCache === undefined) throw notFound(call);
    delete organization.proxyCache;
    logAction(call, 'delete_proxy_cache_config', organization.username, {});
    return json(201, 'Deleted');
  },

  async validateProxyCacheConfig(call) {
    const organization = guarded(call);
    refuseExisting(call, organization);
    const cache = configOf(call);
    const answer = await upstreamOf(call.world, cache).ping();
    if (answer === 'valid') return json(202, 'Valid');
    if (answer === 'refused' && cache.username !== null) return json(202, 'Anonymous');
    throw invalidRequest(call, 'Failed login to remote registry. Please verify entered details and try again.');
  },
};

function guarded(call: Call): Account {
  requireOrganizationAdmin(call, param(call, 'orgname'));
  return organizationOf(call);
}

function refuseExisting(call: Call, organization: Account): void {
  if (organization.proxyCache !== undefined) throw invalidRequest(call, 'Proxy Cache Configuration already exists');
}

const bodyFields: ReadonlySet<string> = new Set([
  'org_name',
  'upstream_registry',
  'upstream_registry_username',
  'upstream_registry_password',
  'expiration_s',
  'insecure',
]);

function isWholeBody(body: Readonly<Record<string, unknown>>): boolean {
  return 'org_name' in body && Object.keys(body).every((key) => bodyFields.has(key));
}

function configOf(call: Call): ProxyCache {
  const upstream = textOf(call, 'upstream_registry') ?? '';
  const problem = addressProblem(call.world, upstream, 'The provided registry URL is not allowed');
  if (problem !== undefined) throw invalidRequest(call, problem);
  const expiration = call.body['expiration_s'] ?? oneDay;
  if (typeof expiration !== 'number') throw brokenServer();
  return {
    upstream,
    username: textOf(call, 'upstream_registry_username') ?? null,
    password: textOf(call, 'upstream_registry_password') ?? null,
    expirationSeconds: expiration,
    insecure: call.body['insecure'] === true,
  };
}
