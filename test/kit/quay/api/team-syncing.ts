/** Teams that a directory's group fills. Read in Quay's source; never recorded. */
import { isSuperUser, organizationRank } from '../auth/access.ts';
import { ok } from '../http/reply.ts';
import { findTeam } from '../model/accounts.ts';
import type { Team } from '../model/types.ts';
import { feature, type World } from '../model/world.ts';
import { type Call, type Handlers, invalidRequest, notFound, param, refused } from './call.ts';
import { isSyncing, mayViewTeam } from './organizations.ts';
import { teamAvatar } from './views.ts';

export const teamSyncingHandlers: Handlers = {
  enableOrganizationTeamSync(call) {
    const team = syncableTeam(call);
    const config = groupOf(call);
    const problem = groupProblem(call.world, config);
    if (problem !== undefined) throw invalidRequest(call, `Could not sync to group: ${problem}`);
    team.sync = config;
    return ok(plainView(call, team));
  },

  disableOrganizationTeamSync(call) {
    const team = syncableTeam(call);
    team.sync = undefined;
    return ok(plainView(call, team));
  },
};

function syncableTeam(call: Call): Team {
  const organization = param(call, 'orgname');
  if (!maySetUpSyncing(call, organization)) throw refused(call);
  const team = findTeam(call.world, organization, param(call, 'teamname'));
  if (team === undefined) throw notFound(call);
  return team;
}

function maySetUpSyncing({ world, caller }: Call, organization: string): boolean {
  if (!feature(world, 'NONSUPERUSER_TEAM_SYNCING_SETUP') && !isSuperUser(world, caller)) return false;
  return organizationRank(world, caller, organization) >= 3;
}

/** The call has no schema: whatever is sent is kept as it is. */
function groupOf({ request }: Call): Readonly<Record<string, unknown>> {
  const sent: unknown = JSON.parse(request.body.toString('utf8'));
  return typeof sent === 'object' && sent !== null ? { ...sent } : {};
}

const groupKeys = { ldap: 'group_dn', oidc: 'group_name', keystone: 'group_id' } as const;

function groupProblem({ directory }: World, config: Readonly<Record<string, unknown>>): string | undefined {
  if (directory === undefined) return 'Not supported';
  const key = groupKeys[directory.service];
  const group = config[key];
  if (typeof group !== 'string' || group === '') return `Missing ${key}`;
  return (directory.groups[group] ?? []).length === 0 ? 'Group does not exist or is empty' : undefined;
}

/** The group itself is shown to superusers only. */
export function syncingView(call: Call, { organization, sync }: Team): object {
  const { world, caller } = call;
  if (!isSyncing(world)) return {};
  const service = world.directory?.service;
  return {
    ...(maySetUpSyncing(call, organization) && { can_sync: { service } }),
    ...(sync && {
      synced: { service, ...(isSuperUser(world, caller) && { last_updated: null, config: sync }) },
    }),
  };
}

export function refuseSynced(call: Call, { sync }: Team, member: string): void {
  if (sync === undefined || !isSyncing(call.world) || member.includes('+')) return;
  throw invalidRequest(call, 'Cannot call this method on an auth-synced team');
}

function plainView(call: Call, team: Team): object {
  const { name, description, role } = team;
  return { name, description, can_view: mayViewTeam(call, team), role, avatar: teamAvatar(team), new_team: false };
}
