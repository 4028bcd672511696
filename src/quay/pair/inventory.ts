/** What there is on both sides: the namespaces that the source's token sees, and their repositories here and there. */
import { eachBounded } from '../../kit/bounded.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { followed, repositoriesOf } from '../pages.ts';
import type { RepositoryEntry } from '../replies.ts';

/** Namespaces looked at side by side. */
const lookWidth = 4;

/** By their full names: `payments/api`. */
export type Inventory = ReadonlyMap<string, RepositoryEntry>;

/** Every image repository of `namespaces` that the token may see. */
export async function inventoryOf(
  quay: QuayClient,
  namespaces: readonly string[],
  options: CallOptions = {},
): Promise<Inventory> {
  const lists = await eachBounded(namespaces, lookWidth, (namespace) =>
    Array.fromAsync(repositoriesOf(quay, namespace, options)),
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
 * The namespaces that the token's user belongs to, the user's own included, and for a superuser every organisation. A token
 * without user:read may not ask who it is; then a search for repositories tells. Throws `E_QUAY_SCOPE` where that, too, does
 * not tell all.
 */
export async function namespacesSeen(quay: QuayClient, options: CallOptions = {}): Promise<NamespacesSeen> {
  const user = await whoAmI(quay, options);
  if (user === undefined) return { names: await namespacesFound(quay, options), isMember: false };
  const own = [...(user.organizations ?? []).map(({ name }) => name), ...(user.username ? [user.username] : [])];
  const all = user.super_user === true ? await everyOrganization(quay, options) : [];
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

/** Quay's search ends after ten pages of ten, whatever there is. */
const mostSearchPages = 10;

async function namespacesFound(quay: QuayClient, options: CallOptions): Promise<readonly string[]> {
  const names = new Set<string>();
  for (let page = 1; page <= mostSearchPages; page += 1) {
    const { results, has_additional } = await quay.call('findRepositories', { ...options, query: { page } });
    for (const result of results) for (const name of namespaceIn(result)) names.add(name);
    if (has_additional !== true) return [...names].sort();
  }
  throw new TranshipError('E_QUAY_SCOPE', 'auth', 'The token may not tell which organisations its user belongs to', {
    subject: quay.server,
    hint: 'Name the organisations with --include "payments/**", or make a token with the scope user:read too.',
  });
}

function namespaceIn(result: unknown): readonly string[] {
  const namespace: unknown =
    typeof result === 'object' && result !== null ? Reflect.get(result, 'namespace') : undefined;
  const name: unknown =
    typeof namespace === 'object' && namespace !== null ? Reflect.get(namespace, 'name') : undefined;
  return typeof name === 'string' ? [name] : [];
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
