/** Which parts of a server a declaration is about. */
import type { Interest, RepositoryInterest } from './observe.ts';
import type { DeclaredOrganization, DeclaredRepository } from './types.ts';

export function interestOf(declared: DeclaredOrganization): Interest {
  if (declared.present === false) return {};
  return {
    teams: declared.teams !== undefined,
    robots: declared.robots !== undefined,
    defaultPermissions: declared.defaultPermissions !== undefined,
    proxyCache: declared.proxyCache !== undefined,
    quota: declared.quota !== undefined,
    autoPrune: declared.autoPrune !== undefined,
    immutability: declared.immutability !== undefined,
    applications: declared.applications !== undefined,
    mirror: declared.mirror !== undefined,
    ...(declared.repositories === undefined ? {} : { repositories: repositoriesOf(declared.repositories) }),
  };
}

/** For an export: all of it. */
export const wholeOrganization: Interest = {
  teams: true,
  robots: true,
  defaultPermissions: true,
  proxyCache: true,
  quota: true,
  autoPrune: true,
  immutability: true,
  applications: true,
  mirror: true,
  repositories: 'all',
};

function repositoriesOf(declared: Readonly<Record<string, DeclaredRepository>>): Record<string, RepositoryInterest> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, repository]) => [
      name,
      {
        permissions: repository.permissions !== undefined,
        mirror: repository.mirror !== undefined,
        autoPrune: repository.autoPrune !== undefined,
        immutability: repository.immutability !== undefined,
        notifications: repository.notifications !== undefined,
      },
    ]),
  );
}
