/** Robots, and the permissions that new repositories start with. */
import { type Comparison, call, changesOnly, create, type QuayRemark, remove, together, update } from './change.ts';
import { matchLists } from './match.ts';
import type { ObservedOrganization } from './observed.ts';
import { fromApi, shortRobotName, toApi } from './principal.ts';
import type { DeclaredDefaultPermission, DeclaredRobot } from './types.ts';

export function compareRobots(
  organization: string,
  declared: Readonly<Record<string, DeclaredRobot>> = {},
  observed: NonNullable<ObservedOrganization['robots']> = [],
): Comparison {
  const there = new Map(observed.map((robot) => [shortRobotName(robot.name, organization), robot]));
  const remarks: QuayRemark[] = [];
  const changes = Object.entries(declared).map(([robot, wanted]) => {
    const object = `robot ${organization}+${robot}`;
    const existing = there.get(robot);
    if (wanted.present === false) return existing && remove(object, [call('deleteRobot', { organization, robot })]);
    const description = wanted.description ?? '';
    if (existing === undefined) return create(object, [call('createRobot', { organization, robot }, { description })]);
    if (wanted.description !== undefined && wanted.description !== (existing.description ?? '')) {
      remarks.push({ object, message: 'its description differs, and Quay has no call to change it' });
    }
    return undefined;
  });
  return { ...changesOnly(...changes), remarks };
}

/** Quay makes a second default permission like the first without a word, so that comparing first is all that prevents it. */
export function compareDefaultPermissions(
  organization: string,
  declared: readonly DeclaredDefaultPermission[] | undefined,
  observed: NonNullable<ObservedOrganization['prototypes']> = [],
): Comparison {
  if (declared === undefined) return together();
  const there = observed.map((prototype) => ({
    id: prototype.id,
    grant: prototype.role,
    to: fromApi(prototype.delegate.name, prototype.delegate.kind, organization),
    createdBy: prototype.activating_user ? fromApi(prototype.activating_user.name, 'user', organization) : undefined,
  }));
  const sameWho = (wanted: DeclaredDefaultPermission, is: (typeof there)[number]) =>
    wanted.to === is.to && wanted.createdBy === is.createdBy;
  const match = matchLists(declared, there, (wanted, is) => sameWho(wanted, is) && wanted.grant === is.grant, sameWho);
  const object = (who: string) => `default permission of ${organization} for ${who}`;
  return changesOnly(
    ...match.missing.map((wanted) =>
      create(object(wanted.to), [
        call(
          'createPrototype',
          { organization },
          {
            role: wanted.grant,
            delegate: toApi(wanted.to, organization),
            ...(wanted.createdBy === undefined
              ? {}
              : { activating_user: { name: toApi(wanted.createdBy, organization).name } }),
          },
        ),
      ]),
    ),
    ...match.replaced.map(({ declared: wanted, observed: is }) =>
      update(object(wanted.to), `grant: ${is.grant} → ${wanted.grant}`, [
        call('changePrototype', { organization, id: is.id }, { role: wanted.grant }),
      ]),
    ),
    ...match.extra.map((is) =>
      remove(object(is.to), [call('deletePrototype', { organization, id: is.id })], 'not among the declared ones'),
    ),
  );
}
