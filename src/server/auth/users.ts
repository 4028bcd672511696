import { createHash, timingSafeEqual } from 'node:crypto';
import type { RepositoryName } from '../../oci/names.ts';
import type { Action } from '../access.ts';
import type { AuthOptions, RegistryUser } from './options.ts';

/** Someone that requests come from: a user, or nobody in particular. */
export interface Caller {
  readonly name: string;
  may(action: Action, repository: RepositoryName): boolean;
}

/** Who the users are. */
export class Users {
  readonly #users: readonly RegistryUser[];
  readonly anonymous: Caller | undefined;

  constructor({ users, anonymous }: AuthOptions) {
    this.#users = users;
    this.anonymous = anonymous === undefined ? undefined : { name: '', may: (action) => action === 'pull' };
  }

  /** The user with this name and password. Takes as long whether the name, the password or nothing is wrong. */
  login(name: string, password: string): Caller | undefined {
    const right = this.#users.filter((user) => {
      const [sameName, samePassword] = [equal(user.name, name), equal(user.password.reveal(), password)];
      return sameName && samePassword;
    });
    return right[0] && callerFor(right[0]);
  }

  named(name: string): Caller | undefined {
    const user = this.#users.find((each) => each.name === name);
    return user && callerFor(user);
  }
}

function callerFor(user: RegistryUser): Caller {
  const { name, access = 'write', repositories } = user;
  return {
    name,
    may: (action, repository) => (access === 'write' || action === 'pull') && covers(repositories, repository),
  };
}

function covers(patterns: readonly string[] | undefined, repository: RepositoryName): boolean {
  if (patterns === undefined) return true;
  return patterns.some((pattern) =>
    pattern.endsWith('/*') ? repository.startsWith(pattern.slice(0, -1)) : repository === pattern,
  );
}

/** Compares hashes, so that the time tells neither the length nor where the first difference is. */
function equal(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
