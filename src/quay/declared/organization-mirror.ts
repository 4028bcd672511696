/** Quay's own mirroring of a whole organisation (3.17 or newer). It demands an organisation without repositories. */
import { type Comparison, call, changesOnly, create, remove, together, update } from './change.ts';
import { differences } from './match.ts';
import { passwordRemarks, withoutFraction } from './mirror.ts';
import type { ObservedOrganization } from './observed.ts';
import { robotName } from './principal.ts';
import type { DeclaredOrganizationMirror } from './types.ts';

export interface OrganizationMirrorContext {
  readonly organization: string;
  readonly now: string;
  readonly renewPassword?: boolean;
}

export function compareOrganizationMirror(
  declared: DeclaredOrganizationMirror | undefined,
  observed: ObservedOrganization['mirror'],
  context: OrganizationMirrorContext,
): Comparison {
  if (declared === undefined) return together();
  const { organization } = context;
  const object = `organization mirror of ${organization}`;
  if (declared.present === false) {
    return changesOnly(observed && remove(object, [call('deleteOrganizationMirror', { organization })]));
  }
  const wanted = bodyOf(declared, organization);
  if (observed === undefined) {
    const body = { visibility: 'private', sync_start_date: context.now, ...wanted, ...password(declared) };
    const making = create(object, [call('createOrganizationMirror', { organization }, body)]);
    return { changes: [making], remarks: passwordRemarks(object, declared) };
  }
  const there: Record<string, unknown> = {
    ...observed,
    sync_start_date: withoutFraction(observed.sync_start_date),
    // Of the connection's settings only this one is declared; a proxy that is there is nobody's difference.
    external_registry_config: { verify_tls: observed.external_registry_config?.verify_tls },
  };
  const changed = differences(
    Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, [value, there[key]] as const])),
  );
  const renew = context.renewPassword === true && declared.credentials?.password !== undefined;
  if (changed.length === 0 && !renew) return together();
  const reasons = renew ? [...changed, 'password sent again'] : changed;
  const body = Object.fromEntries(
    Object.entries(wanted).filter(([key]) => changed.some((text) => text.startsWith(`${key}: `))),
  );
  // Whether the server merges this block or replaces it, its proxy stays.
  if ('external_registry_config' in body) {
    body['external_registry_config'] = { ...observed.external_registry_config, verify_tls: declared.verifyTls };
  }
  // A password belongs to its user.
  const sendsPassword = renew || 'external_registry_username' in body;
  return changesOnly(
    update(object, reasons.join(', '), [
      call('changeOrganizationMirror', { organization }, { ...body, ...(sendsPassword ? password(declared) : {}) }),
    ]),
  );
}

function bodyOf(declared: DeclaredOrganizationMirror, organization: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    is_enabled: declared.enabled,
    external_registry_type: declared.kind,
    external_registry_url: declared.from,
    external_namespace: declared.namespace,
    robot_username: declared.robot === undefined ? undefined : robotName(declared.robot, organization),
    visibility: declared.visibility,
    sync_interval: declared.every,
    sync_start_date: declared.start,
    external_registry_username: declared.credentials?.username,
    repository_filters: declared.repositories,
    skopeo_timeout: declared.timeout,
    external_registry_config: declared.verifyTls === undefined ? undefined : { verify_tls: declared.verifyTls },
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function password(declared: DeclaredOrganizationMirror): Record<string, unknown> {
  return declared.credentials?.password === undefined
    ? {}
    : { external_registry_password: declared.credentials.password };
}
