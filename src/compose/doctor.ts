import type { Environment } from '../credentials/places.ts';
import type { CallOptions } from '../oci/ports.ts';
import { parseRegistryAddress } from '../oci/reference.ts';
import { checkCertificate } from './doctor/certificate.ts';
import type { Finding } from './doctor/finding.ts';
import { addressOf, checkConnection, checkName, checkProxy } from './doctor/network.ts';
import { checkApi, checkPush, checkRepository, checkSignIn, featureFinding } from './doctor/registry-checks.ts';
import type { Session } from './session.ts';

export interface DoctorOptions extends CallOptions {
  readonly env: Environment;
  /** Ask for the right to push, where the repository exists. */
  readonly write?: boolean;
  /** The registry was said to speak plain HTTP. */
  readonly plainHttp?: boolean;
}

export interface DoctorReport {
  readonly apiVersion: 'tranship/v1';
  readonly kind: 'DoctorReport';
  readonly registry: string;
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

/** Looks at everything between here and a registry, one step after another, until a step that the rest stands on fails. */
export async function doctor(session: Session, text: string, options: DoctorOptions): Promise<DoctorReport> {
  const findings: Finding[] = [];
  for await (const finding of examine(session, text, options)) findings.push(finding);
  const healthy = findings.every(({ state }) => state !== 'bad');
  return { apiVersion: 'tranship/v1', kind: 'DoctorReport', registry: text, healthy, findings };
}

async function* examine(session: Session, text: string, options: DoctorOptions): AsyncGenerator<Finding> {
  const { host, namespace: repository, scheme } = parseRegistryAddress(text);
  const plain = options.plainHttp === true || scheme === 'http';
  const address = addressOf(host, plain);
  const { finding, used } = checkProxy(address, options.env);
  yield finding;
  if (!used) {
    const name = await checkName(address);
    yield name;
    if (name.state === 'bad') return;
    const connection = await checkConnection(address, options);
    yield connection;
    if (connection.state === 'bad') return;
  }
  const registry = session.registry(host);
  const { findings, diagnosis } = await checkApi(registry, options);
  if (!used && diagnosis?.base.startsWith('http:') !== true)
    yield await checkCertificate(address, { now: session.clock.wall(), refused: diagnosis === undefined });
  yield* findings;
  if (diagnosis === undefined || findings.some(({ step, state }) => step === 'api' && state === 'bad')) return;
  yield* await checkSignIn(registry, repository, options);
  if (repository !== undefined) {
    const found = await checkRepository(registry, repository, options);
    yield found.finding;
    if (options.write && found.exists) yield await checkPush(registry, repository, options);
  }
  yield featureFinding({ ...diagnosis.capabilities, ...registry.learned });
}
