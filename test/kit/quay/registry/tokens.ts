import { createHmac } from 'node:crypto';
import type { LoginContext } from '../auth/login.ts';
import type { World } from '../model/world.ts';

export interface Access {
  readonly type: 'repository';
  readonly name: string;
  readonly actions: readonly string[];
}

export interface RegistryToken {
  readonly subject: string;
  readonly user: string | undefined;
  readonly access: readonly Access[];
  readonly expires: number;
}

const lifeSeconds = 3600;

/** Signs a registry token. Its payload is what Quay's says; its signature is good here only. */
export function issueToken(
  world: World,
  context: LoginContext | undefined,
  access: readonly Access[],
  service: string | null,
  repositories: readonly string[],
): string {
  const seconds = Math.floor(world.clock.now() / 1000);
  const subject = context?.user ?? '(anonymous)';
  const payload = {
    iss: 'quay',
    aud: service,
    nbf: seconds,
    iat: seconds,
    exp: seconds + lifeSeconds,
    sub: subject,
    access,
    context: contextClaim(context, repositories),
  };
  const token = sign(payload);
  world.registryTokens.set(token, {
    subject,
    user: context?.user,
    access,
    expires: (seconds + lifeSeconds) * 1000,
  } satisfies RegistryToken);
  return token;
}

export function readToken(world: World, value: string): RegistryToken | undefined {
  const token = world.registryTokens.get(value) as RegistryToken | undefined;
  return token === undefined || token.expires <= world.clock.now() ? undefined : token;
}

function contextClaim(context: LoginContext | undefined, repositories: readonly string[]): object {
  const roots = Object.fromEntries(repositories.map((name) => [name, '$disabled']));
  const trust = { 'com.apostille.roots': roots, 'com.apostille.root': '$disabled' };
  if (context === undefined) return trust;
  const { entityKind, reference, user } = context;
  const isOAuth = entityKind === 'oauthtoken';
  return {
    version: 2,
    entity_kind: entityKind,
    entity_reference: reference,
    kind: isOAuth ? 'oauth' : 'user',
    ...(isOAuth ? { oauth: reference } : {}),
    user,
    ...trust,
  };
}

function sign(payload: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${head}.${createHmac('sha256', 'fake-quay').update(head).digest('base64url')}`;
}
