/** The quotas of an organisation: read as its member, and by a superuser who is none through the superusers' own call. */
import type { z } from 'zod';
import type { CallOptions } from '../oci/ports.ts';
import type { QuayClient } from './client.ts';
import { isForbidden } from './forbidden.ts';
import type { Quotas } from './replies.ts';

export async function quotasOf(
  quay: QuayClient,
  organization: string,
  options: CallOptions = {},
): Promise<z.infer<typeof Quotas>> {
  const at = { ...options, parameters: { organization } };
  try {
    return await quay.call('listQuotas', at);
  } catch (error) {
    if (!isForbidden(error) || quay.features?.offers('listOrganizationQuotasAsSuperUser') !== true) throw error;
    return quay.call('listOrganizationQuotasAsSuperUser', at);
  }
}
