import { hasFullAccess, hasScope, isGranted } from '../auth/access.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { findUser } from '../model/accounts.ts';
import { pageById } from '../model/paging.ts';
import { repositorySize } from '../model/quotas.ts';
import { findRepository } from '../model/repositories.ts';
import type { Account, Repository } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';
import {
  type Call,
  currentUser,
  flag,
  type Handlers,
  invalidRequest,
  notFound,
  param,
  refused,
  textOf,
} from './call.ts';
import { badRequestMessage, messageError } from './errors.ts';
import { isStarred } from './repositories.ts';

const pageSize = 100;

export const repositoryListHandlers: Handlers = {
  listRepos(call) {
    const starred = flag(call, 'starred', false);
    const isPublic = flag(call, 'public', false);
    const namespace = call.query.get('namespace') ?? '';
    if (!starred && !isPublic && namespace === '') {
      throw invalidRequest(call, 'namespace, starred or public are required for this API call');
    }
    if (starred && call.caller.user === undefined) throw messageError(400, badRequestMessage);
    const kind = call.query.get('repo_kind') ?? 'image';
    if (kind === 'application') return ok({ repositories: [] });
    if (kind !== 'image') throw messageError(400, 'Unknown repository kind');
    const rows = visible(call, { starred, isPublic, namespace });
    const { page, next } = pageById(call.world, rows, call.query.get('next_page'), pageSize);
    return ok({
      repositories: page.map((repository) => entryView(call, repository)),
      ...(next === undefined ? {} : { next_page: next }),
    });
  },

  listStarredRepos(call) {
    const user = starringUser(call, 'user:admin');
    const rows = [...call.world.repositories.values()].filter((repository) => user.stars.has(repository.id));
    return ok({
      repositories: rows.map(({ namespace, name, description, public: isPublic }) => ({
        namespace,
        name,
        description,
        is_public: isPublic,
      })),
    });
  },

  createStar(call) {
    const user = starringUser(call, 'repo:read');
    const namespace = textOf(call, 'namespace') ?? '';
    const name = textOf(call, 'repository') ?? '';
    const repository = findRepository(call.world, `${namespace}/${name}`);
    if (repository === undefined) throw notFound(call);
    user.stars.add(repository.id);
    return json(201, { namespace, repository: name });
  },

  deleteStar(call) {
    const user = starringUser(call, 'user:admin');
    const repository = findRepository(call.world, param(call, 'repository'));
    if (repository !== undefined) user.stars.delete(repository.id);
    return noContent();
  },
};

function starringUser(call: Call, scope: string): Account {
  const user = currentUser(call);
  if (!hasScope(call.caller, scope)) throw refused(call);
  return user;
}

interface Wanted {
  readonly starred: boolean;
  readonly isPublic: boolean;
  readonly namespace: string;
}

/**
 * Rows in the order of their numbers. The scopes of a token do not matter here: whoever the token belongs to sees what that
 * user may read.
 */
function visible(call: Call, wanted: Wanted): readonly Repository[] {
  const { world, caller } = call;
  const user = caller.user === undefined ? undefined : findUser(world, caller.user);
  const everything = hasFullAccess(world, caller);
  return [...world.repositories.values()]
    .filter((repository) => wanted.namespace === '' || repository.namespace === wanted.namespace)
    .filter((repository) => !wanted.starred || user?.stars.has(repository.id) === true)
    .filter((repository) => everything || (wanted.isPublic && repository.public) || mayList(world, user, repository))
    .sort((a, b) => a.id - b.id);
}

function mayList(world: World, user: Account | undefined, repository: Repository): boolean {
  if (user === undefined) return false;
  return isGranted(world, user.username, repository);
}

function entryView(call: Call, repository: Repository): object {
  const lastTag = repository.tags.filter((tag) => !tag.hidden && tag.end === undefined).map((tag) => tag.start);
  return {
    namespace: repository.namespace,
    name: repository.name,
    description: repository.description,
    is_public: repository.public,
    kind: 'image',
    state: repository.state,
    ...(flag(call, 'last_modified', false)
      ? { last_modified: lastTag.length === 0 ? null : Math.floor(Math.max(...lastTag) / 1000) }
      : {}),
    ...(flag(call, 'popularity', false) ? { popularity: 0 } : {}),
    ...(call.caller.user === undefined ? {} : { is_starred: isStarred(call, repository) }),
    ...(feature(call.world, 'QUOTA_MANAGEMENT') ? { quota_report: reportOf(call.world, repository) } : {}),
  };
}

function reportOf(world: World, repository: Repository): object {
  return {
    quota_bytes: repositorySize(world, repository),
    configured_quota: world.accounts.get(repository.namespace)?.quota?.limitBytes ?? null,
  };
}
