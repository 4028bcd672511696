/** Makes a user an owner of organisations. Being in any team is not enough: the team is `owners`. */
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { QuayClient } from './client.ts';
import { isForbidden } from './forbidden.ts';
import { requireLiveToken } from './liveness.ts';
import { followed } from './pages.ts';

export type Ownership = 'added' | 'already';

/** Every organisation of the server. Needs a superuser's token with `super:user`. */
export function allOrganizations(quay: QuayClient, { signal }: CallOptions = {}): AsyncGenerator<{ name: string }> {
  return followed(quay, 'organisations', async (next) => {
    const page = await quay.call('listAllOrganizations', { signal, query: { limit: 100, next_page: next } });
    return { entries: page.organizations, next: page.next_page };
  });
}

/** `dryRun`: says what would be done. */
export async function makeOwner(
  quay: QuayClient,
  organization: string,
  user: string,
  { dryRun = false, ...options }: CallOptions & { readonly dryRun?: boolean } = {},
): Promise<Ownership> {
  try {
    if (await isOwner(quay, organization, user, options)) return 'already';
  } catch (error) {
    if (!isForbidden(error)) throw error;
    // A superuser who may not look into the organisation becomes its owner first; the old owners stay.
    if (!dryRun) await quay.call('takeOwnership', { ...options, parameters: { namespace: organization } });
    if (!dryRun && (await isOwner(quay, organization, user, options))) return 'added';
  }
  if (!dryRun) {
    await quay.call('addTeamMember', { ...options, parameters: { organization, team: 'owners', member: user } });
  }
  return 'added';
}

/** The user whom the token acts as. Throws `E_QUAY_SCOPE` for a token that lives and may not tell. */
export async function tokensUser(quay: QuayClient, options: CallOptions = {}): Promise<string> {
  const { username } = await currentUser(quay, options);
  if (typeof username === 'string') return username;
  throw new TranshipError('E_QUAY_TOKEN', 'auth', 'The token acts as nobody', { subject: quay.server });
}

/** Without user:read Quay answers as to a dead token. */
async function currentUser(quay: QuayClient, options: CallOptions) {
  try {
    return await quay.call('currentUser', options);
  } catch (error) {
    if (!isTranshipError(error) || error.code !== 'E_QUAY_TOKEN') throw error;
    await requireLiveToken(quay, 'tranship', options);
    throw new TranshipError('E_QUAY_SCOPE', 'auth', 'The token may not tell who its user is', {
      subject: quay.server,
      hint: 'Name the user with --user, or make a token with the scope user:read too.',
      cause: error,
    });
  }
}

async function isOwner(quay: QuayClient, organization: string, user: string, options: CallOptions): Promise<boolean> {
  const { members } = await quay.call('listTeamMembers', { ...options, parameters: { organization, team: 'owners' } });
  return members.some((member) => member.name === user);
}
