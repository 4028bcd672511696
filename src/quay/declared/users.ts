/** Users of a Quay with its own user database; a superuser's business. */
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { followed } from '../pages.ts';
import { type Comparison, call, changesOnly, create, type QuayChange, remove, update } from './change.ts';
import { realEmail } from './describe.ts';
import { differences } from './match.ts';
import type { DeclaredUser } from './types.ts';

export interface ObservedUser {
  readonly username: string;
  readonly email?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
}

export function compareUsers(
  declared: Readonly<Record<string, DeclaredUser>> = {},
  observed: readonly ObservedUser[] = [],
): Comparison {
  return changesOnly(
    ...Object.entries(declared).map(([user, wanted]) =>
      compareUser(
        user,
        wanted,
        observed.find((each) => each.username === user),
      ),
    ),
  );
}

function compareUser(user: string, declared: DeclaredUser, observed: ObservedUser | undefined): QuayChange | undefined {
  const object = `user ${user}`;
  if (declared.present === false) return observed && remove(object, [call('deleteUser', { user })]);
  if (observed === undefined) {
    const body = { username: user, ...(declared.email === undefined ? {} : { email: declared.email }) };
    const disabling = declared.enabled === false ? [call('changeUser', { user }, { enabled: false })] : [];
    return create(object, [call('createUser', {}, body), ...disabling], 'new, with a random password');
  }
  const changed = differences({
    email: [declared.email, observed.email],
    enabled: [declared.enabled, observed.enabled],
  });
  if (changed.length === 0) return undefined;
  const body = {
    ...(declared.email === undefined ? {} : { email: declared.email }),
    ...(declared.enabled === undefined ? {} : { enabled: declared.enabled }),
  };
  return update(object, changed.join(', '), [call('changeUser', { user }, body)]);
}

/** Every user, disabled ones too. Needs a superuser's token with super:user. */
export function allUsers(quay: QuayClient, options: CallOptions = {}): AsyncGenerator<ObservedUser> {
  return followed(quay, 'users', async (next) => {
    const page = await quay.call('listAllUsers', {
      signal: options.signal,
      query: { limit: 100, disabled: true, next_page: next },
    });
    return { entries: page.users, next: page.next_page };
  });
}

/** As `quay.yaml` declares them: whether someone is switched off is only said of those who are. */
export function describeUsers(observed: readonly ObservedUser[]): Record<string, DeclaredUser> {
  return Object.fromEntries(
    observed.map(({ username, email: shown, enabled }) => {
      const email = realEmail(shown);
      return [username, { ...(email !== undefined && { email }), ...(enabled === false && { enabled }) }];
    }),
  );
}
