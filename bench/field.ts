/** The registries of a row: a full source, destinations, and a network between them and the programs where it has one. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../test/e2e/kit/certificates.ts';
import { startRelay } from '../test/e2e/kit/relay/relay.ts';
import { type Server, startServer } from '../test/e2e/kit/servers.ts';
import { storageRoot, temporaryFolder } from '../test/e2e/kit/storage.ts';
import { pushRepository } from '../test/kit/corpus/push.ts';
import type { TestRepository } from '../test/kit/corpus/repository.ts';
import { asTarget } from './checks.ts';
import type { Scenario } from './scenarios.ts';
import { destinationPath, type Work } from './work.ts';

export interface Field extends AsyncDisposable {
  readonly scenario: Scenario;
  readonly source: Server;
  readonly destinations: readonly Server[];
  readonly content: readonly TestRepository[];
  readonly tls: Certificates | undefined;
  readonly work: Work;
}

export async function openField(scenario: Scenario): Promise<Field> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder('bench')).path;
  const tls = scenario.tls ? await makeCertificates(folder) : undefined;
  const started = async (): Promise<Server> =>
    stack.use(await startServer('distribution', { storageRoot, ...(tls === undefined ? {} : { tls }) }));
  const source = await started();
  const destinations: Server[] = [];
  // A registry for each destination: in one, the second copy could take the first one's blobs over.
  for (let each = 0; each < (scenario.destinations ?? 1); each += 1) destinations.push(await started());

  const content = scenario.content();
  for (const repository of content) await pushRepository(asTarget(source, tls), repository);
  if (scenario.again) for (const destination of destinations) await fill(destination, content, tls);

  const reached = async ({ host }: Server): Promise<string> =>
    scenario.network === undefined ? host : stack.use(await startRelay(host, scenario.network)).host;
  const work: Work = {
    source: await reached(source),
    destinations: await Promise.all(destinations.map(reached)),
    repositories: content.map(({ name }) => ({ from: name, to: destinationPath(name) })),
    ...(scenario.tag === undefined ? {} : { tag: scenario.tag }),
    ...(tls === undefined ? {} : { caFile: tls.caFile }),
    folder,
  };
  return { scenario, source, destinations, content, tls, work, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function fill(destination: Server, content: readonly TestRepository[], tls: Certificates | undefined) {
  for (const repository of content)
    await pushRepository(asTarget(destination, tls), { ...repository, name: destinationPath(repository.name) });
}

/** The registry keeps nothing in mind: without its files it is as new. */
export function empty({ folder }: Server): void {
  rmSync(join(folder, 'storage'), { recursive: true, force: true });
}
