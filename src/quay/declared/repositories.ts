/** Repositories: existence, visibility, description, state, who may do what, and what hangs on them. */
import { type Comparison, call, changesOnly, create, type QuayChange, remove, together, update } from './change.ts';
import { differences, equalValues, matchLists } from './match.ts';
import { compareMirror, type MirrorAbilities } from './mirror.ts';
import type { ObservedRepository } from './observed.ts';
import { compareImmutability, comparePrune } from './policies.ts';
import { fromApi, toApi } from './principal.ts';
import type { DeclaredNotification, DeclaredRepository, Principal, Role } from './types.ts';

export interface RepositoriesContext {
  readonly organization: string;
  readonly abilities: MirrorAbilities;
  readonly now: string;
  readonly renewPassword?: boolean;
}

export function compareRepositories(
  declared: Readonly<Record<string, DeclaredRepository>> = {},
  observed: Readonly<Record<string, ObservedRepository>> = {},
  context: RepositoriesContext,
): Comparison {
  return together(
    ...Object.entries(declared).map(([name, wanted]) => compareRepository(name, wanted, observed[name] ?? {}, context)),
  );
}

function compareRepository(
  name: string,
  declared: DeclaredRepository,
  observed: ObservedRepository,
  context: RepositoriesContext,
): Comparison {
  const repository = `${context.organization}/${name}`;
  if (declared.present === false) {
    return changesOnly(observed.view && remove(`repository ${repository}`, [call('deleteRepository', { repository })]));
  }
  const owner = { kind: 'repository', name: repository } as const;
  return together(
    compareItself(name, declared, observed, context.organization),
    comparePermissions(repository, declared.permissions, observed, context.organization),
    comparePrune(owner, declared.autoPrune, observed.autoPrune),
    compareImmutability(owner, declared.immutability, observed.immutability),
    compareNotifications(repository, declared.notifications, observed.notifications),
    compareMirror(declared.mirror, observed, { repository, ...context }),
    compareState(repository, declared, observed),
  );
}

function compareItself(
  name: string,
  declared: DeclaredRepository,
  observed: ObservedRepository,
  organization: string,
): Comparison {
  const repository = `${organization}/${name}`;
  const object = `repository ${repository}`;
  if (observed.view === undefined) {
    const body = {
      namespace: organization,
      repository: name,
      visibility: declared.visibility ?? 'private',
      description: declared.description ?? '',
      repo_kind: 'image',
    };
    return changesOnly(create(object, [call('createRepository', {}, body)]));
  }
  const changed = differences({
    visibility: [declared.visibility, observed.view.is_public ? 'public' : 'private'],
    // A repository made by a push has no description at all.
    description: [declared.description, observed.view.description ?? ''],
  });
  if (changed.length === 0) return together();
  const calls = [
    ...(changed.some((text) => text.startsWith('visibility'))
      ? [call('changeVisibility', { repository }, { visibility: declared.visibility })]
      : []),
    ...(changed.some((text) => text.startsWith('description'))
      ? [call('describeRepository', { repository }, { description: declared.description })]
      : []),
  ];
  return changesOnly(update(object, changed.join(', '), calls));
}

const states = { normal: 'NORMAL', 'read-only': 'READ_ONLY', mirror: 'MIRROR' } as const;

/** A declared mirror brings its own state. */
function compareState(repository: string, declared: DeclaredRepository, observed: ObservedRepository): Comparison {
  if (declared.state === undefined || declared.mirror !== undefined) return together();
  const wanted = states[declared.state];
  const there = observed.view?.state ?? 'NORMAL';
  if (wanted === there) return together();
  return changesOnly(
    update(`state of ${repository}`, `${there} → ${wanted}`, [call('changeState', { repository }, { state: wanted })]),
  );
}

function comparePermissions(
  repository: string,
  declared: Readonly<Record<Principal, Role>> | undefined,
  observed: ObservedRepository,
  organization: string,
): Comparison {
  if (declared === undefined) return together();
  const there = new Map<Principal, string>([
    ...Object.entries(observed.users ?? {}).map(
      ([name, permission]) => [fromApi(name, 'user', organization), permission.role] as const,
    ),
    ...Object.entries(observed.teams ?? {}).map(
      ([name, permission]) => [fromApi(name, 'team', organization), permission.role] as const,
    ),
  ]);
  const wanted = Object.entries(declared) as [Principal, Role][];
  return changesOnly(
    ...wanted.map(([principal, role]) =>
      permissionChange(repository, principal, role, there.get(principal), organization),
    ),
    ...[...there.keys()]
      .filter((principal) => !(principal in declared) && isManagedRemoval(principal, declared))
      .map((principal) =>
        remove(
          `permission of ${principal} on ${repository}`,
          [permissionCall('delete', repository, principal, organization)],
          'not among the declared ones',
        ),
      ),
  );
}

/**
 * Whoever makes a repository gets a personal admin permission by that. It is nobody's declaration, and removing it could
 * lock the run itself out; users are removed only where the file speaks of users at all.
 */
function isManagedRemoval(principal: Principal, declared: Readonly<Record<Principal, Role>>): boolean {
  return !principal.startsWith('user/') || Object.keys(declared).some((other) => other.startsWith('user/'));
}

function permissionChange(
  repository: string,
  principal: Principal,
  role: Role,
  there: string | undefined,
  organization: string,
): QuayChange | undefined {
  if (there === role) return undefined;
  const object = `permission of ${principal} on ${repository}`;
  const put = { ...permissionCall('set', repository, principal, organization), body: { role } };
  return there === undefined ? create(object, [put], role) : update(object, `${there} → ${role}`, [put]);
}

function permissionCall(what: 'set' | 'delete', repository: string, principal: Principal, organization: string) {
  const { name, kind } = toApi(principal, organization);
  if (kind === 'team')
    return call(what === 'set' ? 'setTeamPermission' : 'deleteTeamPermission', { repository, team: name });
  return call(what === 'set' ? 'setUserPermission' : 'deleteUserPermission', { repository, user: name });
}

/** Quay cannot change a notification; another one takes its place. */
function compareNotifications(
  repository: string,
  declared: readonly DeclaredNotification[] | undefined,
  observed: NonNullable<ObservedRepository['notifications']> = [],
): Comparison {
  if (declared === undefined) return together();
  const object = (event: string, title: string | null | undefined) => `notification ${title ?? event} of ${repository}`;
  const match = matchLists(
    declared,
    observed,
    (wanted, there) =>
      wanted.event === there.event &&
      wanted.method === there.method &&
      equalValues(wanted.title, there.title) &&
      equalValues(wanted.config ?? {}, there.config ?? {}) &&
      equalValues(wanted.eventConfig ?? {}, there.event_config ?? {}),
    (wanted, there) => wanted.event === there.event,
  );
  const making = (wanted: DeclaredNotification) =>
    call(
      'createNotification',
      { repository },
      {
        event: wanted.event,
        method: wanted.method,
        config: wanted.config ?? {},
        eventConfig: wanted.eventConfig ?? {},
        ...(wanted.title === undefined ? {} : { title: wanted.title }),
      },
    );
  return changesOnly(
    ...match.missing.map((wanted) => create(object(wanted.event, wanted.title), [making(wanted)])),
    ...match.replaced.map(({ declared: wanted, observed: there }) =>
      update(object(wanted.event, wanted.title), 'differs (replaced)', [
        making(wanted),
        call('deleteNotification', { repository, uuid: there.uuid }),
      ]),
    ),
    ...match.extra.map((there) =>
      remove(
        object(there.event, there.title),
        [call('deleteNotification', { repository, uuid: there.uuid })],
        'not among the declared ones',
      ),
    ),
  );
}
