/** What there is on both sides: the namespaces that the source's token sees, and their repositories here and there. */
import type { z } from 'zod';
import { eachBounded } from '../../kit/bounded.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { followed, repositoriesOf } from '../pages.ts';
import type { CurrentUser, RepositoryEntry } from '../replies.ts';

/** Namespaces looked at side by side. */
const lookWidth = 4;

/** By their full names: `payments/api`. */
export type Inventory = ReadonlyMap<string, RepositoryEntry>;

/**
 * Every image repository of `namespaces` that the token may see. The public ones have to be asked for: without that, Quay shows
 * none of a namespace that the token's user has no part in.
 */
export async function inventoryOf(
  quay: QuayClient,
  namespaces: readonly string[],
  { signal }: CallOptions = {},
): Promise<Inventory> {
  const lists = await eachBounded(namespaces, lookWidth, (namespace) =>
    Array.fromAsync(repositoriesOf(quay, namespace, { signal, public: true })),
  );
  return new Map(
    lists
      .flat()
      .filter(({ kind }) => kind === undefined || kind === null || kind === 'image')
      .map((entry) => [`${entry.namespace}/${entry.name}`, entry]),
  );
}

export interface NamespacesSeen {
  readonly names: readonly string[];
  /** Whether the user belongs to all of them; else they are merely where something can be seen. */
  readonly isMember: boolean;
}

/**
 * The namespaces that the token's user belongs to, the user's own included, and for one who may look into all of them every
 * organisation. A token without user:read may not ask who it is; then all repositories that it sees tell. Throws
 * `E_QUAY_SCOPE` where those are too many to be looked through.
 */
export async function namespacesSeen(quay: QuayClient, options: CallOptions = {}): Promise<NamespacesSeen> {
  const user = await whoAmI(quay, options);
  if (user === undefined) return { names: await namespacesWithRepositories(quay, options), isMember: false };
  const own = [...(user.organizations ?? []).map(({ name }) => name), ...(user.username ? [user.username] : [])];
  const all = seesEverything(quay, user) ? await everyOrganization(quay, options) : [];
  return { names: [...new Set([...own, ...all])].sort(), isMember: true };
}

/** `undefined` for a token without user:read: that it is alive was found out before. */
async function whoAmI(quay: QuayClient, options: CallOptions) {
  try {
    return await quay.call('currentUser', options);
  } catch (error) {
    if (isTranshipError(error) && error.failure === 'auth') return undefined;
    throw error;
  }
}

/**
 * A plain superuser is told the names of all organisations and may look into none of them: taking them for empty would make
 * them at the destination without their repositories.
 */
function seesEverything({ features }: QuayClient, user: z.infer<typeof CurrentUser>): boolean {
  if (user.global_readonly_super_user === true) return true;
  return user.super_user === true && features?.isOn('SUPERUSERS_FULL_ACCESS') === true;
}

/** A hundred repositories each. Past that it is a public service, where nobody means "all that I see". */
const mostPagesOfAll = 200;

/** `public=true` without a namespace lists what the token's user may see anywhere, private repositories too (recorded). */
async function namespacesWithRepositories(quay: QuayClient, options: CallOptions): Promise<readonly string[]> {
  const names = new Set<string>();
  let pages = 0;
  const all = followed(quay, 'repositories', async (next) => {
    pages += 1;
    if (pages > mostPagesOfAll) throw tooManyToLookThrough(quay);
    const page = await quay.call('listRepositories', { ...options, query: { public: true, next_page: next } });
    return { entries: page.repositories, next: page.next_page };
  });
  for await (const { namespace } of all) names.add(namespace);
  return [...names].sort();
}

function tooManyToLookThrough({ server }: QuayClient): TranshipError {
  return new TranshipError('E_QUAY_SCOPE', 'auth', 'The token may not tell which organisations its user belongs to', {
    subject: server,
    hint: 'Name the organisations with --include "payments/**", or make a token with the scope user:read too.',
  });
}

/** A superuser's token without that scope still sees its own organisations. */
async function everyOrganization(quay: QuayClient, options: CallOptions): Promise<readonly string[]> {
  if (quay.features?.isOn('SUPER_USERS') !== true) return [];
  try {
    const organizations = followed(quay, 'organisations', async (next) => {
      const page = await quay.call('listAllOrganizations', { ...options, query: { limit: 100, next_page: next } });
      return { entries: page.organizations, next: page.next_page };
    });
    return (await Array.fromAsync(organizations)).map(({ name }) => name);
  } catch (error) {
    if (isTranshipError(error) && error.failure === 'auth') return [];
    throw error;
  }
}
