/** What becomes of robots' logins when clients turn to the other side. */
import { registerSecret } from '../../http/redact.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { dockerConfig, pullSecretManifests, robotLogins, robotsOf } from '../../quay/pair/robot-logins.ts';
import type { OpenSide, QuayPair } from './pair.ts';

export interface RobotsFound {
  readonly side: OpenSide;
  /** On both sides, with passwords of their own. */
  readonly differing: readonly string[];
  /** Only at the source. */
  readonly missing: readonly string[];
  /** At the source, and whether at the destination too its token may not ask. */
  readonly hidden: readonly string[];
}

export async function compareRobots(
  pair: QuayPair,
  organizations: readonly string[],
  options: CallOptions,
): Promise<readonly RobotsFound[]> {
  const { names: here } = await robotsOf(pair.source.connection.quay, organizations, options);
  if (here.length === 0) return [];
  return Promise.all(
    pair.destinations.map(async (side) => {
      const { names, hidden } = await robotsOf(side.connection.quay, organizations, options);
      const there = new Set(names);
      const known = here.filter((robot) => !hidden.has(ownerOf(robot)));
      return {
        side,
        differing: known.filter((robot) => there.has(robot)),
        missing: known.filter((robot) => !there.has(robot)),
        hidden: here.filter((robot) => hidden.has(ownerOf(robot))),
      };
    }),
  );
}

export type PullSecretForm = 'kubernetes' | 'docker';

/** The text of the new logins. It is as secret as they are. */
export async function pullSecrets(
  { connection: { quay } }: OpenSide,
  robots: readonly string[],
  form: PullSecretForm,
  options: CallOptions,
): Promise<string> {
  const logins = await robotLogins(quay, robots, options);
  for (const { token } of logins) registerSecret(token.reveal());
  return form === 'docker' ? dockerConfig(logins) : pullSecretManifests(logins);
}

function ownerOf(robot: string): string {
  return robot.slice(0, robot.indexOf('+'));
}
