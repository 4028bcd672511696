/** Opens the Quays that a mirror's commands are about, and hands them to the work. */
import { readSecretRef, type SecretRef } from '../../credentials/secret-ref.ts';
import { registerSecret } from '../../http/redact.ts';
import { systemClock } from '../../kit/clock.ts';
import { compileGlob, type Pattern, PatternError } from '../../kit/pattern.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { awaitRuns, cancelRuns, startRuns } from '../../quay/mirror/jobs.ts';
import { requireMirroring } from '../../quay/mirror/preflight.ts';
import { type SetUpOptions, type SetUpResult, setUpMirrors } from '../../quay/mirror/run.ts';
import type { MirrorSetup } from '../../quay/mirror/setup.ts';
import { mirrorStatuses } from '../../quay/mirror/status.ts';
import { connectQuay, type QuayConnection, type QuayConnectOptions, requireWritable } from './connect.ts';

export type { MirrorSetup };
export { awaitRuns, cancelRuns, mirrorStatuses, startRuns };

interface MirrorConnections extends Omit<QuayConnectOptions, 'server' | 'token' | 'anonymous'> {
  /** The source's address for us. Absent: as the destination reaches it, by TLS. */
  readonly source?: string;
  readonly destination: string;
  /** Absent: `TRANSHIP_QUAY_TOKEN`, then what `tranship quay login` keeps. */
  readonly destinationToken?: Secret | undefined;
  /** Absent: what `tranship quay login` keeps for the source. */
  readonly sourceToken?: Secret | undefined;
}

export interface SetUpInput extends Omit<SetUpOptions, 'now'> {
  readonly connections: MirrorConnections;
  readonly setup: MirrorSetup;
}

/** Sets up the mirrors of an organisation. See {@link setUpMirrors}. */
export async function setUpOrganization({ connections, setup, ...options }: SetUpInput): Promise<SetUpResult> {
  await using source = await connectSource(
    connections,
    connections.source ?? setup.source.host,
    options.anonymousSource ?? false,
  );
  await using destination = await connectDestination(connections);
  if (options.dryRun !== true) requireWritable(destination);
  if (setup.credentials?.password !== undefined) registerSecret(setup.credentials.password.reveal());
  const now = (connections.clock ?? systemClock).wall();
  const whole = options.organizationMirror === true ? withTokenLogin(setup, source.token) : setup;
  return await setUpMirrors(source.quay, destination.quay, whole, { ...options, now });
}

async function connectSource(
  connections: MirrorConnections,
  server: string,
  anonymous: boolean,
): Promise<QuayConnection> {
  const { sourceToken: token } = connections;
  try {
    // The one token of the environment is the destination's.
    return await connectQuay({ ...connections, server, token, hasOwnToken: true, anonymous });
  } catch (error) {
    throw error instanceof TranshipError ? error.at('source') : error;
  }
}

async function connectDestination(connections: MirrorConnections): Promise<QuayConnection> {
  const { destination: server, destinationToken: token } = connections;
  try {
    return await connectQuay({ ...connections, server, token });
  } catch (error) {
    throw error instanceof TranshipError ? error.at('destination') : error;
  }
}

/** A mirrored organisation is discovered and pulled with one and the same login: the token under this name. */
function withTokenLogin(setup: MirrorSetup, token: Secret | undefined): MirrorSetup {
  return token === undefined ? setup : { ...setup, credentials: { username: '$oauthtoken', password: token } };
}

/** Opens one Quay whose mirrors are to be looked at or started. Throws where it does not mirror. */
export async function connectMirrors(options: QuayConnectOptions): Promise<QuayConnection> {
  const connection = await connectQuay(options);
  try {
    requireMirroring(connection.quay);
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

/** A secret that the command line names, never holds. */
export async function readNamedSecret(
  reference: SecretRef | undefined,
  options: CallOptions & { readonly env: Readonly<Record<string, string | undefined>> },
): Promise<Secret | undefined> {
  if (reference === undefined) return undefined;
  const value = await readSecretRef(reference, options);
  registerSecret(value);
  return new Secret(value);
}

/** Whether a repository takes part: by globs to take in (all where there is none) and to leave out. */
export function repositorySelection(
  include: readonly string[],
  exclude: readonly string[],
): ((name: string) => boolean) | undefined {
  if (include.length === 0 && exclude.length === 0) return undefined;
  const taken = include.map(readGlob);
  const left = exclude.map(readGlob);
  return (name) =>
    (taken.length === 0 || taken.some((glob) => glob.matches(name))) && !left.some((glob) => glob.matches(name));
}

function readGlob(source: string): Pattern {
  try {
    return compileGlob(source);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new TranshipError('E_USAGE', 'usage', `"${source}" is no pattern: ${error.message}`, { cause: error });
  }
}
