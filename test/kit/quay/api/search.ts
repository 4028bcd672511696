import { repositoryRank } from '../auth/access.ts';
import { ok } from '../http/reply.ts';
import { findNamespace } from '../model/accounts.ts';
import type { Account, Repository } from '../model/types.ts';
import { type Call, flag, type Handlers, param } from './call.ts';
import { accountAvatar } from './views.ts';

const pageSize = 10;
const lastPage = 10;

export const searchHandlers: Handlers = {
  conductRepoSearch(call) {
    const page = Math.min(Math.max(1, Number(call.query.get('page') ?? 1)), lastPage);
    const rows = found(call, call.query.get('query') ?? '');
    const start = (page - 1) * pageSize;
    const usage = flag(call, 'includeUsage', false);
    return ok({
      results: rows.slice(start, start + pageSize).map((repository) => ({
        ...repositoryView(call, repository, 4),
        ...(usage ? { stars: starsOf(call, repository), popularity: 0 } : {}),
      })),
      has_additional: rows.length > start + pageSize,
      page,
      page_size: pageSize,
      start_index: start,
    });
  },

  conductSearch(call) {
    const query = call.query.get('query') ?? '';
    const rows = found(call, query).slice(0, 5);
    return ok({ results: rows.map((one) => repositoryView(call, one, one.name.startsWith(query) ? 4 : 2)) });
  },

  getMatchingEntities(call) {
    const prefix = param(call, 'prefix');
    const organization = call.query.get('namespace') ?? '';
    const users = [...call.world.accounts.values()].filter(
      (account) => account.kind === 'user' && account.username.startsWith(prefix),
    );
    return ok({ results: users.map((user) => entityView(call, user, organization)) });
  },
};

/** Repositories that the caller can read and whose name holds `query`. */
function found(call: Call, query: string): Repository[] {
  const user = call.caller.user;
  const caller = user === undefined ? call.caller : ({ user, scopes: 'direct', via: 'session' } as const);
  return [...call.world.repositories.values()].filter(
    (one) =>
      one.name.includes(query) && (one.public || repositoryRank(call.world, caller, one.namespace, one.name) > 0),
  );
}

function repositoryView(call: Call, repository: Repository, score: number): object {
  const { namespace, name, description } = repository;
  const owner = findNamespace(call.world, namespace);
  const isOrganization = owner?.kind === 'organization';
  return {
    kind: 'repository',
    title: 'repo',
    namespace: {
      title: isOrganization ? 'org' : 'user',
      kind: isOrganization ? 'organization' : 'user',
      ...(owner === undefined ? {} : { avatar: accountAvatar(owner) }),
      name: namespace,
      score: 1,
      href: `/${isOrganization ? 'organization' : 'user'}/${namespace}`,
    },
    name,
    description,
    is_public: repository.public,
    score,
    href: `/repository/${namespace}/${name}`,
  };
}

function starsOf(call: Call, repository: Repository): number {
  return [...call.world.accounts.values()].filter((account) => account.stars.has(repository.id)).length;
}

function entityView(call: Call, user: Account, organization: string): object {
  return {
    name: user.username,
    kind: 'user',
    is_robot: false,
    avatar: accountAvatar(user),
    ...(organization === '' ? {} : { is_org_member: true }),
  };
}
