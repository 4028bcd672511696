/**
 * Repository mirrors. A configuration cannot be deleted, outlives a change of state, and can be absent though the state is
 * MIRROR; so configuration and state are compared each for itself.
 */
import type { Secret } from '../../kit/secret.ts';
import {
  type Comparison,
  call,
  changesOnly,
  create,
  missingPassword,
  type PlannedCall,
  type QuayRemark,
  together,
  update,
} from './change.ts';
import { differences, equalValues } from './match.ts';
import type { ObservedRepository } from './observed.ts';
import { robotName, shortRobotName } from './principal.ts';
import type { DeclaredMirror, DeclaredMirrorCredentials, DeclaredMirrorProxy } from './types.ts';

/** What the server's own description says it understands; an unknown field is a server error there. */
export interface MirrorAbilities {
  /** `skopeo_timeout_interval`: required from Quay 3.15 on, refused before. */
  readonly timeout: boolean;
  /** `architecture_filter`: Quay 3.17 or newer with sparse indexes on. */
  readonly architectures: boolean;
}

export interface MirrorContext {
  /** `namespace/name` */
  readonly repository: string;
  readonly organization: string;
  readonly abilities: MirrorAbilities;
  /** RFC 3339, to the second: when a mirror without a declared start begins. */
  readonly now: string;
  /** Send the password although it cannot be told whether it differs. */
  readonly renewPassword?: boolean;
}

/** Quay's own default, and what newer versions demand to be told. */
const defaultTimeout = 300;

export function compareMirror(
  declared: DeclaredMirror | undefined,
  observed: ObservedRepository,
  context: MirrorContext,
): Comparison {
  if (declared === undefined) return together();
  const { repository } = context;
  const object = `mirror of ${repository}`;
  const remarks = lacking(declared, context, object);
  if (observed.mirror === undefined) {
    // Making the configuration also sets the state.
    return {
      ...changesOnly(create(object, [call('createMirror', { repository }, creationBody(declared, context))])),
      remarks: [...remarks, ...passwordRemarks(object, declared)],
    };
  }
  const changed = changedFields(declared, observed.mirror, context);
  const calls: PlannedCall[] = [];
  if (Object.keys(changed.body).length > 0) calls.push(...changeCalls(repository, changed.body, observed.mirror));
  const state = observed.view?.state ?? 'NORMAL';
  const reasons = [...changed.reasons];
  if (state !== 'MIRROR') {
    calls.push(call('changeState', { repository }, { state: 'MIRROR' }));
    reasons.push(`state: ${state} → MIRROR`);
  }
  // Another user with the old one's password would be a mirror that fails.
  const moved = 'external_registry_username' in changed.body ? passwordRemarks(object, declared) : [];
  return {
    ...changesOnly(calls.length === 0 ? undefined : update(object, reasons.join(', '), calls)),
    remarks: [...remarks, ...moved],
  };
}

export function passwordRemarks(
  object: string,
  { credentials }: { readonly credentials?: DeclaredMirrorCredentials },
): readonly QuayRemark[] {
  const isMissing = credentials !== undefined && credentials.password === undefined;
  return isMissing ? [missingPassword(object, credentials.passwordFrom)] : [];
}

function lacking(declared: DeclaredMirror, { abilities }: MirrorContext, object: string): QuayRemark[] {
  return [
    ...(declared.timeout !== undefined && !abilities.timeout
      ? [{ object, message: 'this Quay has no time-out per tag (3.15 or newer)', asked: true }]
      : []),
    ...(declared.architectures !== undefined && !abilities.architectures
      ? [
          {
            object,
            message: 'this Quay has no architecture filter (3.17 or newer, with FEATURE_SPARSE_INDEX)',
            asked: true,
          },
        ]
      : []),
  ];
}

function creationBody(declared: DeclaredMirror, context: MirrorContext): Record<string, unknown> {
  const { abilities } = context;
  return {
    is_enabled: declared.enabled ?? true,
    external_reference: declared.from,
    ...(declared.credentials === undefined
      ? {}
      : {
          external_registry_username: declared.credentials.username,
          external_registry_password: declared.credentials.password ?? null,
        }),
    external_registry_config: registryConfig(declared),
    sync_interval: declared.every,
    sync_start_date: declared.start ?? context.now,
    root_rule: rootRule(declared),
    robot_username: robotName(declared.robot, context.organization),
    ...(abilities.timeout ? { skopeo_timeout_interval: declared.timeout ?? defaultTimeout } : {}),
    ...(abilities.architectures && declared.architectures !== undefined
      ? { architecture_filter: declared.architectures }
      : {}),
  };
}

interface Changed {
  readonly body: Record<string, unknown>;
  readonly reasons: readonly string[];
}

function changedFields(
  declared: DeclaredMirror,
  observed: NonNullable<ObservedRepository['mirror']>,
  context: MirrorContext,
): Changed {
  const fields: [name: string, key: string, declared: unknown, observed: unknown, body?: unknown][] = [
    ['enabled', 'is_enabled', declared.enabled, observed.is_enabled],
    ['from', 'external_reference', declared.from, observed.external_reference],
    ['tags', 'root_rule', declared.tags, observed.root_rule.rule_value, rootRule(declared)],
    ['every', 'sync_interval', declared.every, observed.sync_interval],
    ['start', 'sync_start_date', declared.start, withoutFraction(observed.sync_start_date)],
    [
      'robot',
      'robot_username',
      declared.robot,
      shortRobotName(observed.robot_username ?? '', context.organization),
      robotName(declared.robot, context.organization),
    ],
    [
      'timeout',
      'skopeo_timeout_interval',
      context.abilities.timeout ? declared.timeout : undefined,
      observed.skopeo_timeout_interval,
    ],
    [
      'architectures',
      'architecture_filter',
      context.abilities.architectures ? declared.architectures : undefined,
      observed.architecture_filter,
    ],
  ];
  const body: Record<string, unknown> = {};
  const reasons: string[] = [];
  for (const [name, key, wanted, there, sent] of fields) {
    const difference = differences({ [name]: [wanted, there] });
    if (difference.length === 0) continue;
    body[key] = sent ?? wanted;
    reasons.push(...difference);
  }
  addRegistryConfig(declared, observed, body, reasons);
  addCredentials(declared, observed.external_registry_username, context, body, reasons);
  return { body, reasons };
}

function addRegistryConfig(
  declared: DeclaredMirror,
  observed: NonNullable<ObservedRepository['mirror']>,
  body: Record<string, unknown>,
  reasons: string[],
): void {
  const wanted = registryConfig(declared);
  const there = observed.external_registry_config ?? {};
  const changed = Object.entries(wanted).filter(([key, value]) => !equalValues(value, Reflect.get(there, key)));
  if (changed.length === 0) return;
  body['external_registry_config'] = Object.fromEntries(changed);
  reasons.push(...changed.map(([key]) => `${key} differs`));
}

function addCredentials(
  declared: DeclaredMirror,
  observed: string | null | undefined,
  context: MirrorContext,
  body: Record<string, unknown>,
  reasons: string[],
): void {
  const wanted = declared.credentials;
  if (wanted === undefined) return;
  const moved = wanted.username !== (observed ?? '');
  const renew = context.renewPassword === true && wanted.password !== undefined;
  if (!moved && !renew) return;
  body['external_registry_username'] = wanted.username;
  const password: Secret | undefined = wanted.password;
  if (password !== undefined) body['external_registry_password'] = password;
  reasons.push(moved ? `username: ${observed ?? '(none)'} → ${wanted.username}` : 'password sent again');
}

/**
 * The first time that a mirror gets a `proxy` block by a change, Quay loses the block's first key; the same change sent
 * once more sets it.
 */
function changeCalls(
  repository: string,
  body: Record<string, unknown>,
  observed: NonNullable<ObservedRepository['mirror']>,
): PlannedCall[] {
  const change = call('changeMirror', { repository }, body);
  const config: unknown = body['external_registry_config'];
  const sendsProxy = typeof config === 'object' && config !== null && 'proxy' in config;
  const hasProxy =
    observed.external_registry_config?.proxy !== undefined && observed.external_registry_config.proxy !== null;
  return sendsProxy && !hasProxy ? [change, change] : [change];
}

function rootRule(declared: DeclaredMirror): Record<string, unknown> {
  return { rule_kind: 'tag_glob_csv', rule_value: declared.tags };
}

function registryConfig(declared: DeclaredMirror): Record<string, unknown> {
  return {
    ...(declared.verifyTls === undefined ? {} : { verify_tls: declared.verifyTls }),
    ...(declared.unsignedImages === undefined ? {} : { unsigned_images: declared.unsignedImages }),
    ...(declared.proxy === undefined ? {} : { proxy: proxyBlock(declared.proxy) }),
  };
}

function proxyBlock(proxy: DeclaredMirrorProxy): Record<string, string | null> {
  return { http_proxy: proxy.http ?? null, https_proxy: proxy.https ?? null, no_proxy: proxy.none ?? null };
}

/** After its first run a mirror's start shows microseconds, which the server itself does not take back. */
export function withoutFraction(date: string | null | undefined): string | undefined {
  return date?.replace(/\.\d+(?=Z$)/, '');
}
