/** An organisation's proxy cache. Quay cannot change one: a difference means delete and make again. */
import { type Comparison, call, changesOnly, create, type PlannedCall, remove, together, update } from './change.ts';
import { differences } from './match.ts';
import type { ObservedOrganization } from './observed.ts';
import type { DeclaredProxyCache } from './types.ts';

export function compareProxyCache(
  organization: string,
  declared: DeclaredProxyCache | undefined,
  observed: ObservedOrganization['proxyCache'],
): Comparison {
  if (declared === undefined) return together();
  const object = `proxy cache of ${organization}`;
  const deletion = call('deleteProxyCache', { organization });
  const exists = observed !== undefined && (observed.upstream_registry ?? '') !== '';
  if (declared.present === false) return changesOnly(exists ? remove(object, [deletion]) : undefined);
  const making = creation(organization, declared);
  if (!exists) return changesOnly(create(object, making));
  const changed = differences({
    upstream: [declared.upstream, observed.upstream_registry],
    expiration: [declared.expiration, observed.expiration_s],
    insecure: [declared.insecure, observed.insecure],
  });
  // Validation answers 400 while a cache is configured, so here it can only come after the deletion.
  return changesOnly(
    changed.length === 0 ? undefined : update(object, `${changed.join(', ')} (replaced)`, [deletion, ...making]),
  );
}

function creation(organization: string, declared: DeclaredProxyCache): readonly PlannedCall[] {
  const body = {
    upstream_registry: declared.upstream,
    ...(declared.expiration === undefined ? {} : { expiration_s: declared.expiration }),
    ...(declared.insecure === undefined ? {} : { insecure: declared.insecure }),
    ...(declared.credentials === undefined
      ? {}
      : {
          upstream_registry_username: declared.credentials.username,
          upstream_registry_password: declared.credentials.password,
        }),
  };
  return [call('validateProxyCache', { organization }, body), call('createProxyCache', { organization }, body)];
}
