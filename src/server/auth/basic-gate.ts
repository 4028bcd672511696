import type { Access, Gate } from '../access.ts';
import { Fault, fault } from '../fault.ts';
import { basicOf } from './authorization.ts';
import type { AuthOptions } from './options.ts';
import { type Caller, Users } from './users.ts';

/** User name and password with every request (RFC 7617). */
export function createBasicGate(options: Extract<AuthOptions, { kind: 'basic' }>): Gate {
  const users = new Users(options);
  const challenge = `Basic realm="${(options.realm ?? 'registry').replace(/["\\]/g, '')}", charset="UTF-8"`;
  const unknown = () =>
    new Fault(401, { code: 'UNAUTHORIZED', message: 'log in first' }, { 'www-authenticate': challenge });
  return {
    admit({ headers }) {
      if (headers.authorization === undefined) {
        if (users.anonymous === undefined) throw unknown();
        return accessOf(users.anonymous, unknown);
      }
      const given = basicOf(headers.authorization);
      const caller = given && users.login(given.name, given.password);
      if (caller === undefined) throw unknown();
      return accessOf(caller, denied);
    },
  };
}

function accessOf(caller: Caller, refuse: () => Error): Access {
  return { may: caller.may, sees: (repository) => caller.may('pull', repository), refuse };
}

function denied(): Fault {
  return fault(403, 'DENIED', 'this user may not do that');
}
