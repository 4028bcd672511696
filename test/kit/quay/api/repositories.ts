import { hasFullAccess, mayCreateRepository, mayRepository } from '../auth/access.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { findNamespace, findOrganization } from '../model/accounts.ts';
import { logAction } from '../model/logs.ts';
import { isRepositoryName } from '../model/names.ts';
import { addRepository, findRepository, removeRepository, repositoryKey, splitPath } from '../model/repositories.ts';
import type { Repository } from '../model/types.ts';
import { feature } from '../model/world.ts';
import {
  type Call,
  currentUser,
  flag,
  type Handlers,
  invalidRequest,
  maybeRepository,
  param,
  refused,
  repositoryOf,
  textOf,
} from './call.ts';
import { brokenServer, messageError } from './errors.ts';
import { tagSummaries } from './tag-views.ts';

export const repositoryHandlers: Handlers = {
  createRepo(call) {
    const { world } = call;
    const user = call.caller.user === undefined ? undefined : currentUser(call);
    const namespace = textOf(call, 'namespace') ?? user?.username ?? '';
    const full = hasFullAccess(world, call.caller);
    if (!mayCreateRepository(world, call.caller, namespace) && !full) throw refused(call);
    if (findNamespace(world, namespace) === undefined) throw brokenServer();
    if (findNamespace(world, namespace)?.mirror !== undefined) {
      throw invalidRequest(call, 'Cannot create repository: organization is managed by organization-level mirroring');
    }
    const name = textOf(call, 'repository') ?? '';
    if (findRepository(world, repositoryKey(namespace, name)) !== undefined) {
      throw invalidRequest(call, 'Repository already exists');
    }
    if (!isRepositoryName(name, feature(world, 'EXTENDED_REPOSITORY_NAMES'))) {
      throw invalidRequest(call, 'Invalid repository name');
    }
    const isPublic = textOf(call, 'visibility') === 'public';
    const description = textOf(call, 'description') ?? '';
    const repository = addRepository(world, { namespace, name, description, isPublic }, user?.username);
    logAction(call, 'create_repo', namespace, { repo: name, namespace }, repository);
    return json(201, { namespace, name, kind: 'image' });
  },

  getRepo(call) {
    const repository = repositoryOf(call);
    return ok({
      ...repositoryView(call, repository),
      ...(flag(call, 'includeTags', true) ? { tags: tagSummaries(call.world, repository) } : {}),
      can_write: canWrite(call, repository),
      can_admin: hasFullAccess(call.world, call.caller) || mayRepository(call.world, call.caller, repository, 'admin'),
      ...(flag(call, 'includeStats', false) ? { stats: statistics(call) } : {}),
    });
  },

  updateRepo(call) {
    const repository = repositoryOf(call);
    repository.description = textOf(call, 'description') ?? '';
    const { namespace, name } = repository;
    logAction(
      call,
      'set_repo_description',
      namespace,
      { repo: name, namespace, description: repository.description },
      repository,
    );
    return ok({ success: true });
  },

  deleteRepository(call) {
    const { namespace, name } = splitPath(param(call, 'repository'));
    if (findNamespace(call.world, namespace) === undefined) throw brokenServer();
    const repository = maybeRepository(call);
    if (repository !== undefined) removeRepository(call.world, repository);
    logAction(call, 'delete_repo', namespace, { repo: name, namespace }, name);
    return noContent();
  },

  changeRepoVisibility(call) {
    const repository = maybeRepository(call);
    if (repository === undefined) return ok(null);
    const visibility = textOf(call, 'visibility') ?? 'private';
    repository.public = visibility === 'public';
    const { namespace, name } = repository;
    logAction(call, 'change_repo_visibility', namespace, { repo: name, namespace, visibility }, repository);
    return ok({ success: true });
  },

  changeRepoState(call) {
    const repository = repositoryOf(call);
    if (repository.state === 'ORG_MIRROR' || findOrganization(call.world, repository.namespace)?.mirror !== undefined) {
      throw messageDetail(
        400,
        'Repository state changes are not allowed in an organization managed by organization-level mirroring',
      );
    }
    const state = textOf(call, 'state');
    repository.state = state === 'MIRROR' || state === 'READ_ONLY' ? state : 'NORMAL';
    const { namespace, name } = repository;
    logAction(call, 'change_repo_state', namespace, { repo: name, namespace, state_changed: state }, repository);
    return ok({ success: true });
  },
};

function messageDetail(status: number, detail: string) {
  const error = messageError(status, detail);
  return Object.assign(error, { reply: json(status, { detail }) });
}

function canWrite(call: Call, repository: Repository): boolean {
  const mayWrite =
    hasFullAccess(call.world, call.caller) || mayRepository(call.world, call.caller, repository, 'write');
  return mayWrite && repository.state === 'NORMAL';
}

function repositoryView(call: Call, repository: Repository): object {
  const owner = findNamespace(call.world, repository.namespace);
  return {
    namespace: repository.namespace,
    name: repository.name,
    kind: 'image',
    description: repository.description,
    is_public: repository.public,
    is_organization: owner?.kind === 'organization',
    is_starred: isStarred(call, repository),
    status_token: repository.public ? '' : repository.statusToken,
    trust_enabled: false,
    tag_expiration_s: owner?.tagExpirationSeconds ?? 0,
    is_free_account: true,
    state: repository.state,
  };
}

export function isStarred(call: Call, repository: Repository): boolean {
  const user = call.caller.user === undefined ? undefined : call.world.accounts.get(call.caller.user);
  return user?.stars.has(repository.id) === true;
}

/** Pulls and pushes of the last quarter; this double counts none. */
function statistics(call: Call): object[] {
  const day = 24 * 3600 * 1000;
  const today = Math.floor(call.world.clock.now() / day);
  return Array.from({ length: 91 }, (_, ago) => ({
    date: new Date((today - 1 - ago) * day).toISOString().slice(0, 10),
    count: 0,
  }));
}
