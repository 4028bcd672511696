/** Runs the contestants against each other, round after round, so that whatever else the machine does hits all alike. */

import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { type Certificates, makeCertificates } from '../test/e2e/kit/certificates.ts';
import { measure } from '../test/e2e/kit/process.ts';
import { type Server, startServer } from '../test/e2e/kit/servers.ts';
import { storageRoot, temporaryFolder } from '../test/e2e/kit/storage.ts';
import { observe } from '../test/kit/corpus/observe.ts';
import { pushRepository } from '../test/kit/corpus/push.ts';
import type { TestRepository } from '../test/kit/corpus/repository.ts';
import { type Contestant, contestants, type Work } from './contestants.ts';
import type { Scenario } from './scenarios.ts';

export interface Sample {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
}

export interface Outcome {
  readonly scenario: Scenario;
  /** Contestant's name to its median over the rounds. */
  readonly medians: ReadonlyMap<string, Sample>;
  /** Bytes that tranship read at the source, as a multiple of the content's size. */
  readonly sourceReads: number;
}

export async function runScenario(scenario: Scenario, rounds: number, say: (text: string) => void): Promise<Outcome> {
  using folder = temporaryFolder('bench');
  const tls = scenario.tls ? { tls: await makeCertificates(folder.path) } : {};
  await using source = await startServer('distribution', { storageRoot, ...tls });
  await using stack = new AsyncDisposableStack();
  const destinations: Server[] = [];
  // A registry for each destination: in one, the second copy could take the first one's blobs over.
  for (let each = 0; each < scenario.destinations; each += 1) {
    destinations.push(stack.use(await startServer('distribution', { storageRoot, ...tls })));
  }
  const content = scenario.content();
  await pushRepository(asTarget(source, tls.tls), content);
  const field: Field = { scenario, source, destinations, content, tls: tls.tls, number: 0 };

  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of inTurn(contestants, round)) {
      const sample = await once(field, contestant);
      if (sample === undefined) continue;
      samples.set(contestant.name, [...(samples.get(contestant.name) ?? []), sample]);
      say(
        `  ${contestant.name.padEnd(9)} ${sample.wallSeconds.toFixed(2)} s  cpu ${sample.cpuSeconds.toFixed(2)} s  ${sample.peakRssMiB.toFixed(0)} MiB`,
      );
    }
  }
  const medians = new Map([...samples].map(([name, all]) => [name, medianOf(all)]));
  return { scenario, medians, sourceReads: scenario.tls ? Number.NaN : await sourceReads(field) };
}

interface Field {
  readonly scenario: Scenario;
  readonly source: Server;
  readonly destinations: readonly Server[];
  readonly content: TestRepository;
  readonly tls: Certificates | undefined;
  number: number;
}

function asTarget({ url }: Server, tls: Certificates | undefined) {
  return tls === undefined ? { url } : { url, ca: readFileSync(tls.caFile, 'utf8') };
}

/** Nobody is always the first after the server did something else. */
function inTurn<T>(all: readonly T[], round: number): readonly T[] {
  const from = round % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}

async function once(field: Field, contestant: Contestant): Promise<Sample | undefined> {
  const work = freshWork(field);
  if (contestant.commands(work) === undefined) return undefined;
  contestant.forget?.();
  if (field.scenario.again) await runAll(field, contestant, work);
  const sample = await runAll(field, contestant, work);
  await checkArrived(field);
  return sample;
}

/** Repositories that nothing was written to, so that every contestant has all the work to do. */
function freshWork(field: Field): Work {
  const { scenario, source, destinations, content, tls } = field;
  field.number += 1;
  return {
    source: `${source.host}/${content.name}`,
    destinations: destinations.map(({ host }) => `${host}/to/${field.number}`),
    ...(scenario.allTags ? {} : { tag: 'latest' }),
    ...(tls === undefined ? {} : { caFile: tls.caFile }),
  };
}

async function runAll(field: Field, contestant: Contestant, work: Work): Promise<Sample> {
  const total = { wallSeconds: 0, cpuSeconds: 0, peakRssMiB: 0 };
  // Programs of Go read the authority from the environment.
  const options = field.tls === undefined ? {} : { env: { SSL_CERT_FILE: field.tls.caFile } };
  for (const { program, args } of contestant.commands(work) ?? []) {
    const done = await measure(program, args, options);
    if (done.code !== 0)
      throw new Error(`${contestant.name} ${args.join(' ')} ended with ${done.code}:\n${done.stderr}`);
    total.wallSeconds += done.wallSeconds;
    total.cpuSeconds += done.cpuSeconds;
    total.peakRssMiB = Math.max(total.peakRssMiB, done.peakRssMiB);
  }
  return total;
}

/** Work that was not done must not count as quick. */
async function checkArrived({ source, destinations, content, scenario, tls, number }: Field): Promise<void> {
  const tags = scenario.allTags ? content.manifests.flatMap((each) => each.tags).slice(-3) : ['latest'];
  const wanted = await observe(asTarget(source, tls), content.name, tags);
  for (const destination of destinations) {
    const found = await observe(asTarget(destination, tls), `to/${number}`, tags);
    if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${destination.host} does not hold the same`);
  }
}

function medianOf(samples: readonly Sample[]): Sample {
  const middle = (pick: (sample: Sample) => number): number => {
    const sorted = samples.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return {
    wallSeconds: middle((sample) => sample.wallSeconds),
    cpuSeconds: middle((sample) => sample.cpuSeconds),
    peakRssMiB: middle((sample) => sample.peakRssMiB),
  };
}

/** One more run, not timed, through a relay that counts what comes from the source. */
async function sourceReads(field: Field): Promise<number> {
  let bytes = 0;
  const relay = createServer((client) => {
    const upstream = connect(Number(field.source.host.split(':')[1]), '127.0.0.1');
    upstream.on('data', (chunk) => (bytes += chunk.length));
    for (const socket of [client, upstream])
      socket.on('error', () => [client, upstream].forEach((each) => each.destroy()));
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  try {
    const work = freshWork(field);
    const host = `127.0.0.1:${(relay.address() as AddressInfo).port}`;
    const tranship = contestants.find(({ name }) => name === 'tranship');
    if (tranship === undefined) throw new Error('tranship does not take part');
    await runAll(field, tranship, { ...work, source: work.source.replace(field.source.host, host) });
  } finally {
    relay.close();
  }
  const size = field.content.blobs.reduce((sum, blob) => sum + blob.size, 0);
  return bytes / size;
}
