/** What must hold before an organisation's mirrors are looked at, found out with calls that a modest token may make. */
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { requireLiveToken } from '../liveness.ts';
import type { OrganizationView } from '../replies.ts';

/**
 * Both tokens are alive (a dead one's listing is empty, which would read as "nothing to mirror"), and the source's namespace
 * is there. `anonymous`: the source is read without a token.
 */
export async function requireSource(
  source: QuayClient,
  organization: string,
  { anonymous = false, signal }: CallOptions & { readonly anonymous?: boolean } = {},
): Promise<void> {
  const options = { signal };
  if (!anonymous) await requireLiveToken(source, organization, options).catch(rethrowAt('source'));
  const view = await source.find('getOrganization', { parameters: { organization }, ...options });
  if (view !== undefined) return;
  const user = await source.find('getUser', { parameters: { user: organization }, ...options });
  if (user === undefined) throw noOrganization(source, organization, 'source');
}

/** The organisation that will hold the mirrors. Throws where it is not there, or where this Quay does not mirror. */
export async function requireDestination(
  destination: QuayClient,
  organization: string,
  options: CallOptions = {},
): Promise<OrganizationView> {
  await requireLiveToken(destination, organization, options).catch(rethrowAt('destination'));
  requireMirroring(destination);
  const view = await destination.find('getOrganization', { parameters: { organization }, ...options });
  if (view === undefined) throw noOrganization(destination, organization, 'destination');
  return view;
}

/** With the feature off, reading a mirror says "there is none", as if nothing were wrong. */
export function requireMirroring(quay: QuayClient): void {
  if (quay.features?.isOn('REPO_MIRROR') !== false) return;
  throw new TranshipError('E_QUAY_FEATURE_OFF', 'usage', `${quay.server} does not mirror repositories`, {
    side: 'destination',
    subject: quay.server,
    hint: "Set FEATURE_REPO_MIRROR: true in Quay's config.yaml, and run its mirror worker.",
  });
}

function rethrowAt(side: 'source' | 'destination'): (error: unknown) => never {
  return (error) => {
    throw error instanceof TranshipError ? error.at(side) : error;
  };
}

function noOrganization(quay: QuayClient, organization: string, side: 'source' | 'destination'): TranshipError {
  return new TranshipError('E_QUAY_ABSENT', 'failed', `There is no organisation "${organization}" on ${quay.server}`, {
    side,
    subject: organization,
    hint:
      side === 'source'
        ? 'Check its name.'
        : 'Make it first, on the web page or with `tranship quay apply`: its members and rights are yours to decide.',
  });
}
