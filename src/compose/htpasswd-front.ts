import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Htpasswd } from '../credentials/htpasswd.ts';
import { Secret } from '../kit/secret.ts';
import type { RegistryUser } from '../server/auth/options.ts';

export interface HtpasswdFront {
  readonly users: readonly RegistryUser[];
  readonly wrap: (next: RequestListener) => RequestListener;
}

/**
 * Checks passwords against their hashes in front of a registry that knows plain passwords only: a right one is exchanged
 * for one that exists in this process alone.
 */
export function htpasswdFront(file: Htpasswd): HtpasswdFront {
  const inner = randomBytes(32).toString('hex');
  return {
    users: file.names.map((name) => ({ name, password: new Secret(inner) })),
    wrap: (next) => (request, response) => {
      const login = basicOf(request);
      if (login !== undefined) {
        const password = file.matches(login.name, login.password) ? inner : randomBytes(32).toString('hex');
        request.headers.authorization = `Basic ${Buffer.from(`${login.name}:${password}`).toString('base64')}`;
      }
      next(request, response);
    },
  };
}

function basicOf(request: IncomingMessage): { readonly name: string; readonly password: string } | undefined {
  const encoded = /^basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
