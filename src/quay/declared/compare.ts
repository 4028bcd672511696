/**
 * Declared against observed state of one organisation: pure, and in an order in which each change finds what it needs: the
 * organisation, who is in it, what they may do by default, its settings, then its repositories; deletions last and in the
 * opposite order.
 */
import { compareApplications } from './applications.ts';
import { type Comparison, together } from './change.ts';
import type { MirrorAbilities } from './mirror.ts';
import type { ObservedOrganization } from './observed.ts';
import { compareOrganization } from './organization.ts';
import { compareOrganizationMirror } from './organization-mirror.ts';
import { compareImmutability, comparePrune } from './policies.ts';
import { compareProxyCache } from './proxy-cache.ts';
import { compareQuota, type QuotaSetter } from './quota.ts';
import { compareRepositories } from './repositories.ts';
import { compareDefaultPermissions, compareRobots } from './robots.ts';
import { compareTeams } from './teams.ts';
import type { DeclaredOrganization } from './types.ts';

export interface CompareContext {
  readonly abilities: MirrorAbilities;
  readonly quotaSetter?: QuotaSetter;
  /** RFC 3339, to the second. */
  readonly now: string;
  /** Send passwords again although nobody can tell whether they differ. */
  readonly renewPassword?: boolean;
}

export function compareState(
  declared: DeclaredOrganization,
  observed: ObservedOrganization,
  context: CompareContext,
): Comparison {
  const organization = observed.name;
  const itself = compareOrganization(declared, observed);
  if (declared.present === false) return itself;
  const owner = { kind: 'organization', name: organization } as const;
  const inside = { organization, ...context };
  return deletionsLast(
    together(
      itself,
      compareRobots(organization, declared.robots, observed.robots),
      compareTeams(organization, declared.teams, observed.teams),
      compareDefaultPermissions(organization, declared.defaultPermissions, observed.prototypes),
      compareApplications(organization, declared.applications, observed.applications),
      compareQuota(organization, declared.quota, observed.quotas, context.quotaSetter),
      compareProxyCache(organization, declared.proxyCache, observed.proxyCache, context),
      comparePrune(owner, declared.autoPrune, observed.autoPrune),
      compareImmutability(owner, declared.immutability, observed.immutability),
      compareOrganizationMirror(declared.mirror, observed.mirror, inside),
      compareRepositories(declared.repositories, observed.repositories, inside),
    ),
  );
}

function deletionsLast(comparison: Comparison): Comparison {
  const deletions = comparison.changes.filter((change) => change.action === 'delete');
  const others = comparison.changes.filter((change) => change.action !== 'delete');
  return { changes: [...others, ...deletions.reverse()], remarks: comparison.remarks };
}
