/** Robots have the same names on both sides and never the same passwords: which logins change, and what they are now. */
import { Secret } from '../../kit/secret.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { shortRobotName } from '../declared/principal.ts';

export interface RobotsSeen {
  /** By their full names: `payments+ci`. */
  readonly names: readonly string[];
  /** Organisations whose robots the token may not ask about: of those nothing is known. */
  readonly hidden: ReadonlySet<string>;
}

export async function robotsOf(
  quay: QuayClient,
  organizations: readonly string[],
  { signal }: CallOptions = {},
): Promise<RobotsSeen> {
  const names: string[] = [];
  const hidden = new Set<string>();
  for (const organization of organizations) {
    try {
      const query = { token: false, permissions: false };
      const found = await quay.find('listRobots', { parameters: { organization }, query, signal });
      names.push(...(found?.robots ?? []).map(({ name }) => name));
    } catch (error) {
      if (!isTranshipError(error) || error.failure === 'cancelled') throw error;
      hidden.add(organization);
    }
  }
  return { names, hidden };
}

export interface RobotLogin {
  /** `payments+ci`. */
  readonly robot: string;
  readonly host: string;
  readonly token: Secret;
}

/** What each robot logs in with on this server. Throws `E_QUAY_SCOPE` where the token may not see that. */
export async function robotLogins(
  quay: QuayClient,
  robots: readonly string[],
  { signal }: CallOptions = {},
): Promise<readonly RobotLogin[]> {
  const logins: RobotLogin[] = [];
  for (const robot of robots) {
    const [organization = ''] = robot.split('+', 1);
    const parameters = { organization, robot: shortRobotName(robot, organization) };
    const { token } = await quay.call('getRobot', { parameters, signal });
    if (token === undefined || token === null || token === '') throw hidden(quay.server, robot);
    logins.push({ robot, host: quay.server, token: new Secret(token) });
  }
  return logins;
}

function hidden(subject: string, robot: string): TranshipError {
  return new TranshipError('E_QUAY_SCOPE', 'auth', `The token may not see the password of ${robot}`, {
    subject,
    hint: 'Make a token with the scope org:admin.',
  });
}

/** The logins as docker's configuration; the last one of a server wins, for docker knows one login a server. */
export function dockerConfig(logins: readonly RobotLogin[]): string {
  const auths = Object.fromEntries(logins.map(({ host, robot, token }) => [host, { auth: basicOf(robot, token) }]));
  return `${JSON.stringify({ auths }, null, 2)}\n`;
}

/** A Secret of type `kubernetes.io/dockerconfigjson` for each login, as Quay's own page offers them. */
export function pullSecretManifests(logins: readonly RobotLogin[]): string {
  return logins
    .map((login) => {
      const name = `${login.robot.replace(/[^a-z0-9]+/g, '-')}-pull-secret`;
      const data = Buffer.from(dockerConfig([login])).toString('base64');
      return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: ${data}\n`;
    })
    .join('---\n');
}

function basicOf(username: string, token: Secret): string {
  return Buffer.from(`${username}:${token.reveal()}`).toString('base64');
}
