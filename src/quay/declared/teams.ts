/** Teams, their members, and the directory group that fills them. */
import { type Comparison, call, changesOnly, create, type PlannedCall, remove, together, update } from './change.ts';
import { differences, equalValues } from './match.ts';
import type { ObservedTeam } from './observed.ts';
import { memberFromApi, memberToApi } from './principal.ts';
import type { DeclaredTeam, DeclaredTeamSync } from './types.ts';

type Teams = Readonly<Record<string, DeclaredTeam>>;
type Observed = Readonly<Record<string, ObservedTeam>>;

export function compareTeams(organization: string, declared: Teams = {}, observed: Observed = {}): Comparison {
  return together(
    ...Object.entries(declared).map(([team, wanted]) =>
      // A team may be called `constructor`, as what every object has.
      compareTeam(organization, team, wanted, Object.hasOwn(observed, team) ? observed[team] : undefined),
    ),
  );
}

function compareTeam(
  organization: string,
  team: string,
  declared: DeclaredTeam,
  observed: ObservedTeam | undefined,
): Comparison {
  if (declared.present === false) {
    return changesOnly(
      observed && remove(`team ${organization}/${team}`, [call('deleteTeam', { organization, team })]),
    );
  }
  return together(
    compareItself(organization, team, declared, observed),
    compareMembers(organization, team, declared, observed),
    compareSync(organization, team, declared.sync, observed),
  );
}

function compareItself(
  organization: string,
  team: string,
  declared: DeclaredTeam,
  observed: ObservedTeam | undefined,
): Comparison {
  const object = `team ${organization}/${team}`;
  const role = declared.role ?? observed?.entry.role ?? 'member';
  const put = call(
    'setTeam',
    { organization, team },
    {
      role,
      ...(declared.description === undefined ? {} : { description: declared.description }),
    },
  );
  if (observed === undefined) return changesOnly(create(object, [put]));
  const changed = differences({
    role: [declared.role, observed.entry.role],
    description: [declared.description, observed.entry.description],
  });
  return changesOnly(changed.length === 0 ? undefined : update(object, changed.join(', '), [put]));
}

/** Members of a synchronised team come from the directory; Quay refuses to change them by hand. */
function compareMembers(
  organization: string,
  team: string,
  declared: DeclaredTeam,
  observed: ObservedTeam | undefined,
): Comparison {
  if (declared.members === undefined || declared.sync !== undefined) return together();
  if (observed?.members?.synced) return filledByDirectory(organization, team);
  const there = (observed?.members?.members ?? []).map((member) =>
    memberFromApi(member.name ?? member.email ?? '', organization),
  );
  const object = (member: string) => `member ${member} of team ${organization}/${team}`;
  const parameters = (member: string) => ({ organization, team, member: memberToApi(member, organization) });
  return changesOnly(
    ...declared.members
      .filter((member) => !there.includes(member))
      .map((member) =>
        create(object(member), [{ ...call('addTeamMember', parameters(member)), harmless: 'already a member' }]),
      ),
    ...there
      .filter((member) => declared.members?.includes(member) === false)
      .map((member) =>
        remove(object(member), [call('removeTeamMember', parameters(member))], 'not among the declared members'),
      ),
  );
}

function filledByDirectory(organization: string, team: string): Comparison {
  const message = 'is filled by a directory group, so its declared members are not looked at';
  return { changes: [], remarks: [{ object: `team ${organization}/${team}`, message }] };
}

function compareSync(
  organization: string,
  team: string,
  declared: DeclaredTeamSync | undefined,
  observed: ObservedTeam | undefined,
): Comparison {
  if (declared === undefined) return together();
  const wanted = groupOf(declared);
  const synced = observed?.members?.synced;
  const object = `directory group of team ${organization}/${team}`;
  const there = synced?.config;
  if (synced && !there) {
    const message = 'is set, and which one it is only a superuser’s token with super:user is shown';
    return { changes: [], remarks: [{ object, message }] };
  }
  if (there && equalValues(pick(there, Object.keys(wanted)), wanted)) return together();
  const start: PlannedCall = call('syncTeam', { organization, team }, wanted);
  return changesOnly(
    !there
      ? create(object, [start])
      : update(object, 'another group is declared', [call('unsyncTeam', { organization, team }), start]),
  );
}

function groupOf(sync: DeclaredTeamSync): Record<string, string> {
  if ('ldap' in sync) return { group_dn: sync.ldap };
  if ('oidc' in sync) return { group_name: sync.oidc };
  return { group_id: sync.keystone };
}

function pick(fields: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
