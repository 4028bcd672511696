/** Declared state against a server, organisation by organisation: what would be done, as data. Nothing is written. */
import { eachBounded } from '../../kit/bounded.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import type { QuayFeatures } from '../features.ts';
import { repositoriesOf } from '../pages.ts';
import { mirrorAbilities } from './abilities.ts';
import type { QuayChange, QuayRemark } from './change.ts';
import { compareState } from './compare.ts';
import { interestOf } from './interest.ts';
import { lackingFeatures } from './lacking.ts';
import { observeOrganization } from './observe.ts';
import type { ObservedOrganization } from './observed.ts';
import { quotaSetter } from './quota.ts';
import type { DeclaredOrganization, DeclaredQuay } from './types.ts';
import { allUsers, compareUsers } from './users.ts';

export interface StatePlan {
  readonly server: string;
  /** Users first, then the organisations in the file's order. */
  readonly parts: readonly PlanPart[];
  /** Objects that were looked at, for the cap on deletions. */
  readonly seen: number;
}

export interface PlanPart {
  /** An organisation's name, or `users`. */
  readonly name: string;
  readonly kind: 'organization' | 'users';
  /** Whether it was there. */
  readonly exists: boolean;
  readonly changes: readonly QuayChange[];
  readonly remarks: readonly QuayRemark[];
  readonly seen: number;
  /** What goes with an organisation that is deleted. */
  readonly repositoriesWithin: number;
}

export interface PlanOptions extends CallOptions {
  /** RFC 3339 to the second: when mirrors without a declared start begin. */
  readonly now: string;
  /** Send passwords again although nobody can tell whether they differ. */
  readonly renewPasswords?: boolean;
  /** Told when the next organisation is looked at. */
  readonly onLook?: (name: string) => void;
}

/** Organisations looked at side by side. */
const lookWidth = 4;

export async function planState(
  quay: QuayClient,
  features: QuayFeatures,
  declared: DeclaredQuay,
  options: PlanOptions,
): Promise<StatePlan> {
  const users = declared.users === undefined ? [] : [await planUsers(quay, features, declared.users, options)];
  const organizations = await eachBounded(Object.entries(declared.organizations), lookWidth, ([name, wanted]) =>
    planOrganization(quay, features, name, wanted, options),
  );
  const parts = [...users, ...organizations];
  return { server: quay.server, parts, seen: parts.reduce((sum, part) => sum + part.seen, 0) };
}

async function planOrganization(
  quay: QuayClient,
  features: QuayFeatures,
  name: string,
  declared: DeclaredOrganization,
  options: PlanOptions,
): Promise<PlanPart> {
  options.onLook?.(name);
  const observed = await observeOrganization(quay, name, interestOf(declared), options);
  const { changes, remarks } = compareState(declared, observed, {
    abilities: mirrorAbilities(features),
    quotaSetter: quotaSetter(features),
    now: options.now,
    ...(options.renewPasswords === undefined ? {} : { renewPassword: options.renewPasswords }),
  });
  const exists = observed.view !== undefined;
  return {
    name,
    kind: 'organization',
    exists,
    changes,
    remarks: [...remarks, ...lackingFeatures(changes, features)],
    seen: objectsIn(observed),
    repositoriesWithin: exists && declared.present === false ? await countRepositories(quay, name, options) : 0,
  };
}

async function countRepositories(quay: QuayClient, organization: string, options: CallOptions): Promise<number> {
  return (await Array.fromAsync(repositoriesOf(quay, organization, options))).length;
}

async function planUsers(
  quay: QuayClient,
  features: QuayFeatures,
  declared: NonNullable<DeclaredQuay['users']>,
  options: PlanOptions,
): Promise<PlanPart> {
  const observed = features.isOn('SUPER_USERS') ? await Array.fromAsync(allUsers(quay, options)) : [];
  const { changes, remarks } = compareUsers(declared, observed);
  return {
    name: 'users',
    kind: 'users',
    exists: true,
    changes,
    remarks: [...remarks, ...lackingFeatures(changes, features)],
    seen: observed.length,
    repositoriesWithin: 0,
  };
}

function objectsIn(observed: ObservedOrganization): number {
  if (observed.view === undefined) return 0;
  const repositories = Object.values(observed.repositories ?? {});
  return (
    1 +
    Object.keys(observed.teams ?? {}).length +
    [observed.robots, observed.prototypes, observed.applications, observed.autoPrune, observed.immutability].reduce(
      (sum, list) => sum + (list?.length ?? 0),
      0,
    ) +
    repositories.reduce(
      (sum, { users = {}, teams = {}, notifications = [] }) =>
        sum + 1 + Object.keys(users).length + Object.keys(teams).length + notifications.length,
      0,
    )
  );
}
