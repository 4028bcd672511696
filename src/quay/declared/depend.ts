/** Which objects a change stands on, by the names that changes have. When one of them could not be made, neither can this. */
import type { PlannedCall, QuayChange } from './change.ts';

export function needsOf(change: QuayChange): ReadonlySet<string> {
  const needs = new Set(change.calls.flatMap((call) => [...needsOfCall(call)]));
  needs.delete(change.object);
  return needs;
}

function* needsOfCall({ parameters = {}, body }: PlannedCall): Generator<string> {
  const { organization, repository, robot, team } = parameters;
  const namespace = organization ?? repository?.split('/', 1)[0] ?? textIn(body, 'namespace');
  if (namespace !== undefined) yield `organization ${namespace}`;
  if (repository !== undefined) yield `repository ${repository}`;
  if (robot !== undefined) yield `robot ${namespace}+${robot}`;
  if (team !== undefined) yield `team ${namespace}/${team}`;
  for (const account of [parameters['user'], parameters['member'], textIn(body, 'robot_username')]) {
    if (account !== undefined) yield accountObject(account);
  }
  const delegate = textIn(memberOf(body, 'delegate'), 'name');
  const isTeam = textIn(memberOf(body, 'delegate'), 'kind') === 'team';
  if (delegate !== undefined) yield isTeam ? `team ${namespace}/${delegate}` : accountObject(delegate);
  const maker = textIn(memberOf(body, 'activating_user'), 'name');
  if (maker !== undefined) yield accountObject(maker);
}

/** Robots are accounts whose name has their owner in front. */
function accountObject(name: string): string {
  return name.includes('+') ? `robot ${name}` : `user ${name}`;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function textIn(value: unknown, key: string): string | undefined {
  const found = memberOf(value, key);
  return typeof found === 'string' ? found : undefined;
}
