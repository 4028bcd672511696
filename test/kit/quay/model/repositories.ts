import type { Account, Repository, Role } from './types.ts';
import { nextId, randomUUID, type World } from './world.ts';

export function repositoryKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Splits `namespace/name`, where the name may hold slashes. */
export function splitPath(path: string): { readonly namespace: string; readonly name: string } {
  const slash = path.indexOf('/');
  return slash < 0 ? { namespace: '', name: path } : { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

export function findRepository(world: World, path: string): Repository | undefined {
  return world.repositories.get(path);
}

export function repositoriesOf(world: World, namespace: string): Repository[] {
  return [...world.repositories.values()].filter((repository) => repository.namespace === namespace);
}

/** Makes a repository; its creator becomes its admin, and the organisation's default permissions are applied. */
export function addRepository(
  world: World,
  {
    namespace,
    name,
    description,
    isPublic,
  }: {
    readonly namespace: string;
    readonly name: string;
    readonly description: string | null;
    readonly isPublic: boolean;
  },
  creator: string | undefined,
): Repository {
  const repository: Repository = {
    id: nextId(world, 'repository'),
    namespace,
    name,
    description,
    public: isPublic,
    state: 'NORMAL',
    statusToken: randomUUID(),
    userRoles: new Map(),
    teamRoles: new Map(),
    tags: [],
    manifests: new Map(),
    blobs: new Set(),
    notifications: [],
    autoPrune: [],
    immutability: [],
    created: world.clock.now(),
  };
  world.repositories.set(repositoryKey(namespace, name), repository);
  const owner = world.accounts.get(namespace);
  if (creator !== undefined) {
    const isRobotOfNamespace = creator.startsWith(`${namespace}+`);
    repository.userRoles.set(creator, 'admin');
    if (isRobotOfNamespace || owner !== undefined) applyPrototypes(owner, repository, creator);
  }
  return repository;
}

function applyPrototypes(owner: Account | undefined, repository: Repository, creator: string): void {
  const all = owner?.prototypes ?? [];
  const forAnyone = all.filter(({ activatingUser }) => activatingUser === undefined);
  const forCreator = all.filter(({ activatingUser }) => activatingUser === creator);
  // What is meant for this creator overrides what is meant for everybody, and the first of several is the one that counts.
  for (const { role, delegate } of [...forAnyone.toReversed(), ...forCreator.toReversed()]) {
    if (delegate.kind === 'team') repository.teamRoles.set(delegate.name, role);
    else if (delegate.name !== creator) repository.userRoles.set(delegate.name, role);
  }
}

export function removeRepository(world: World, repository: Repository): void {
  const key = repositoryKey(repository.namespace, repository.name);
  world.repositories.delete(key);
  for (const account of world.accounts.values()) {
    account.stars.delete(repository.id);
    const mirrored = account.mirror?.repositories.find((one) => one.repository === key);
    if (mirrored !== undefined) mirrored.deleted = true;
  }
}

const rank: Readonly<Record<Role, number>> = { read: 1, write: 2, admin: 3 };

export function roleRank(role: Role | undefined): number {
  return role === undefined ? 0 : rank[role];
}
