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

/**
 * The namespaces that the token's user belongs to, the user's own included, and for a superuser every organisation. Throws
 * `E_QUAY_SCOPE` where the token may not ask: without user:read a run has to name what it is about.
 */
export async function namespacesSeen(quay: QuayClient, options: CallOptions = {}): Promise<readonly string[]> {
  const user = await whoAmI(quay, options);
  const own = [...(user.organizations ?? []).map(({ name }) => name), ...(user.username ? [user.username] : [])];
  const all = user.super_user === true ? await everyOrganization(quay, options) : [];
  return [...new Set([...own, ...all])].sort();
}

async function whoAmI(quay: QuayClient, options: CallOptions) {
  try {
    return await quay.call('currentUser', options);
  } catch (error) {
    // That the token is alive was found out before, so this refusal is about what it may do.
    if (!isTranshipError(error) || error.failure !== 'auth') throw error;
    throw new TranshipError('E_QUAY_SCOPE', 'auth', 'The token may not tell which organisations its user belongs to', {
      subject: quay.server,
      hint: 'Name the organisations with --include "payments/**", or make a token with the scope user:read too.',
      cause: error,
    });
  }
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
