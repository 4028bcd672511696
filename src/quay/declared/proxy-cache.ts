/** An organisation's proxy cache. Quay cannot change one: a difference means delete and make again. */
import {
  type Comparison,
  call,
  changesOnly,
  create,
  type PlannedCall,
  type QuayRemark,
  remove,
  together,
  update,
} from './change.ts';
import { differences } from './match.ts';
import { passwordRemarks } from './mirror.ts';
import type { ObservedOrganization } from './observed.ts';
import type { DeclaredProxyCache } from './types.ts';

export function compareProxyCache(
  organization: string,
  declared: DeclaredProxyCache | undefined,
  observed: ObservedOrganization['proxyCache'],
  { renewPassword }: { readonly renewPassword?: boolean } = {},
): Comparison {
  if (declared === undefined) return together();
  const object = `proxy cache of ${organization}`;
  const deletion = call('deleteProxyCache', { organization });
  const exists = observed !== undefined && (observed.upstream_registry ?? '') !== '';
  if (declared.present === false) return changesOnly(exists ? remove(object, [deletion]) : undefined);
  const calls = creation(organization, declared);
  const remarks = passwordRemarks(object, declared);
  if (!exists) return { ...changesOnly(create(object, calls)), remarks };
  const changed = differences({
    upstream: [declared.upstream, observed.upstream_registry],
    expiration: [declared.expiration, observed.expiration_s],
    insecure: [declared.insecure, observed.insecure],
  });
  if (renewPassword === true && declared.credentials?.password !== undefined) changed.push('password sent again');
  if (changed.length === 0) return together();
  // Validation answers 400 while a cache is configured, so here it can only come after the deletion.
  const replacement = update(object, `${changed.join(', ')} (replaced)`, [deletion, ...calls]);
  const undo = [making(organization, settingsOf(observed))];
  return { changes: [{ ...replacement, undo }], remarks: [...remarks, ...lostCredentials(object, declared)] };
}

function lostCredentials(object: string, { credentials }: DeclaredProxyCache): readonly QuayRemark[] {
  if (credentials !== undefined) return [];
  return [
    { object, message: 'is made again without credentials; if it had some, declare them: Quay never shows them' },
  ];
}

function settingsOf(observed: NonNullable<ObservedOrganization['proxyCache']>): Record<string, unknown> {
  return {
    upstream_registry: observed.upstream_registry,
    ...(typeof observed.expiration_s === 'number' ? { expiration_s: observed.expiration_s } : {}),
    ...(typeof observed.insecure === 'boolean' ? { insecure: observed.insecure } : {}),
  };
}

function creation(organization: string, declared: DeclaredProxyCache): readonly PlannedCall[] {
  const { credentials } = declared;
  const body = {
    upstream_registry: declared.upstream,
    ...(declared.expiration === undefined ? {} : { expiration_s: declared.expiration }),
    ...(declared.insecure === undefined ? {} : { insecure: declared.insecure }),
    ...(credentials?.password === undefined
      ? {}
      : { upstream_registry_username: credentials.username, upstream_registry_password: credentials.password }),
  };
  const validation = call('validateProxyCache', { organization }, body);
  // Quay takes an upstream that refuses the password for one that wants none.
  const refused = { answer: 'Anonymous', why: `${declared.upstream} does not accept the credentials` };
  return [credentials === undefined ? validation : { ...validation, refused }, making(organization, body)];
}

/** Quays up to 3.18 answer 500 unless the body names the organisation once more; newer ones do not mind. */
function making(organization: string, settings: Readonly<Record<string, unknown>>): PlannedCall {
  return call('createProxyCache', { organization }, { org_name: organization, ...settings });
}
