/** A standby Quay that mirrors an organisation of the active one, and how its mirrors are doing. */
import {
  awaitMirrors,
  connectMirrors,
  mirrorOrganization,
  mirrorStatuses,
  Secret,
  startMirrors,
} from '../src/index.ts';

export interface Standby {
  readonly active: string;
  readonly standby: string;
  readonly organization: string;
  /** Tokens of the API. */
  readonly activeToken: string;
  readonly standbyToken: string;
  /** What the standby pulls with. */
  readonly pull: { readonly username: string; readonly password: string };
  /** Whether the standby checks the active one's certificate. */
  readonly verifyTls?: boolean;
}

/** What was changed, repository by repository; nothing where all is as it should be. Throws before anything is written. */
export async function mirrorAll(of: Standby): Promise<readonly string[]> {
  const { outcomes } = await mirrorOrganization({
    connections: {
      source: of.active,
      destination: of.standby,
      sourceToken: new Secret(of.activeToken),
      destinationToken: new Secret(of.standbyToken),
    },
    setup: {
      source: { host: new URL(of.active).host, organization: of.organization },
      organization: of.organization,
      robot: 'mirror',
      tags: ['*'],
      every: 600,
      ...(of.verifyTls !== undefined && { verifyTls: of.verifyTls }),
      credentials: { username: of.pull.username, password: new Secret(of.pull.password) },
    },
  });
  for (const { plan, error } of outcomes) if (error) console.error(`${plan.repository}: ${error.message}`);
  return outcomes.flatMap(({ done }) => done.map(({ object, reason }) => `${object}: ${reason}`));
}

/** Starts every mirror now, and tells how each ended within ten minutes. */
export async function runAll({ standby, standbyToken, organization }: Standby): Promise<Record<string, string>> {
  await using connection = await connectMirrors({ server: standby, token: new Secret(standbyToken) });
  const jobs = await startMirrors(connection.quay, { organization });
  const names = jobs.filter(({ result }) => result !== 'failed').map(({ repository }) => repository);
  const ended = await awaitMirrors(connection.quay, names, { timeout: 600_000 });
  return Object.fromEntries(ended.map(({ repository, status, failure }) => [repository, failure?.reason ?? status]));
}

/** How each mirror is doing, without starting any. */
export async function states({ standby, standbyToken, organization }: Standby): Promise<Record<string, string>> {
  await using connection = await connectMirrors({ server: standby, token: new Secret(standbyToken) });
  const found = await mirrorStatuses(connection.quay, { organization }, Date.now());
  return Object.fromEntries(found.map(({ repository, status }) => [repository, status]));
}
