/** People, robots and teams, as `quay.yaml` and as Quay's API name them. */
import type { Principal } from './types.ts';

export interface ApiPrincipal {
  readonly name: string;
  readonly kind: 'user' | 'team';
}

/** `robot/ci` → `{ name: 'payments+ci', kind: 'user' }`: to the API a robot is a user. */
export function toApi(principal: Principal, organization: string): ApiPrincipal {
  const [sort, name] = split(principal);
  if (sort === 'team') return { name, kind: 'team' };
  return { name: sort === 'robot' ? robotName(name, organization) : name, kind: 'user' };
}

export function fromApi(name: string, kind: string | null | undefined, organization: string): Principal {
  if (kind === 'team') return `team/${name}`;
  return name.includes('+') ? `robot/${shortRobotName(name, organization)}` : `user/${name}`;
}

/** `ci` → `payments+ci`; a full name stays. */
export function robotName(robot: string, organization: string): string {
  return robot.includes('+') ? robot : `${organization}+${robot}`;
}

/** `payments+ci` → `ci`; the robot of another owner keeps its full name. */
export function shortRobotName(robot: string, organization: string): string {
  const prefix = `${organization}+`;
  return robot.startsWith(prefix) ? robot.slice(prefix.length) : robot;
}

/** A team's member as declared (`ana`, `robot/ci`) → as the API names it. */
export function memberToApi(member: string, organization: string): string {
  return member.startsWith('robot/') ? robotName(member.slice('robot/'.length), organization) : member;
}

export function memberFromApi(name: string, organization: string): string {
  return name.includes('+') ? `robot/${shortRobotName(name, organization)}` : name;
}

function split(principal: Principal): [string, string] {
  const slash = principal.indexOf('/');
  return [principal.slice(0, slash), principal.slice(slash + 1)];
}
