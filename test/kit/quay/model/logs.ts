import type { Call } from '../api/call.ts';
import type { Repository } from './types.ts';
import type { World } from './world.ts';

/** Writes an action log as Quay does: who, what, and through which token. */
export function logAction(
  call: Call,
  kind: string,
  namespace: string | undefined,
  metadata: Readonly<Record<string, unknown>>,
  repository?: Repository | string,
): void {
  const token = call.caller.token === undefined ? undefined : call.world.oauthTokens.get(call.caller.token);
  const through =
    token === undefined
      ? {}
      : {
          oauth_token_id: token.id,
          oauth_token_application_id: token.clientId,
          oauth_token_application: token.applicationName,
        };
  call.world.logs.push({
    kind,
    namespace,
    repository: typeof repository === 'string' ? repository : repository?.name,
    performer: call.caller.user,
    metadata: { ...metadata, ...through },
    ip: '127.0.0.1',
    time: call.world.clock.now(),
  });
}

/** A log of a worker, which acts for nobody's request. */
export function logWork(
  world: World,
  entry: {
    readonly kind: string;
    readonly namespace: string;
    readonly repository?: string;
    readonly performer: string | undefined;
    readonly metadata: Readonly<Record<string, unknown>>;
  },
): void {
  world.logs.push({ ip: undefined, time: world.clock.now(), ...entry, repository: entry.repository });
}
