/** Runs the contestants against each other, round after round, so that whatever else the machine does hits all alike. */
import { writeFileSync } from 'node:fs';
import { measure } from '../test/e2e/kit/process.ts';
import { asTarget, checkArrived, writtenMark } from './checks.ts';
import { empty, type Field, openField } from './field.ts';
import type { Scenario } from './scenarios.ts';
import { type Meter, meter } from './traffic.ts';
import type { Contestant, Work } from './work.ts';

export interface Sample {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
}

/** Bytes on the wire as multiples of the distinct blobs' bytes. */
export interface Traffic {
  readonly sourceReads: number;
  /** Of each destination. */
  readonly destinationReceives: number;
}

export interface Outcome {
  readonly scenario: Scenario;
  readonly rounds: number;
  /** Contestant's name to its median over the rounds. */
  readonly medians: ReadonlyMap<string, Sample>;
  /** Of tranship, where a bar asks for it. */
  readonly traffic?: Traffic;
}

export async function runScenario(scenario: Scenario, rounds: number, say: (text: string) => void): Promise<Outcome> {
  await using field = await openField(scenario);
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of inTurn(scenario.contestants, round)) {
      if (round > 0 && scenario.onlyOnce?.includes(contestant.name)) continue;
      const sample = await once(field, contestant, field.work);
      if (sample === undefined) continue;
      samples.set(contestant.name, [...(samples.get(contestant.name) ?? []), sample]);
      say(inOneLine(contestant, sample));
    }
  }
  const medians = new Map([...samples].map(([name, all]) => [name, medianOf(all)]));
  const counted = scenario.bars.some((bar) => bar.of === 'source reads' || bar.of === 'destination receives');
  return { scenario, rounds, medians, ...(counted ? { traffic: await countTraffic(field) } : {}) };
}

/** Nobody is always the first after the server did something else. */
function inTurn<T>(all: readonly T[], round: number): readonly T[] {
  const from = round % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}

/** One run with all the work to do, or with none where everything is there already. */
async function once(field: Field, contestant: Contestant, work: Work): Promise<Sample | undefined> {
  const { scenario, destinations, content, tls } = field;
  if (contestant.commands(work) === undefined) return undefined;
  contestant.forget?.();
  if (scenario.again) {
    const before = destinations.map(writtenMark);
    const sample = await runAll(field, contestant, work);
    const after = destinations.map(writtenMark);
    if (after.join() !== before.join()) throw new Error(`${contestant.name} wrote: ${before} became ${after}`);
    return sample;
  }
  destinations.forEach(empty);
  const sample = await runAll(field, contestant, work);
  for (const destination of destinations) await checkArrived(asTarget(destination, tls), content);
  return sample;
}

/** The slowest program needs five minutes for the slowest row on a busy machine. */
const commandLimitMs = 900_000;

async function runAll(field: Field, contestant: Contestant, work: Work): Promise<Sample> {
  const total = { wallSeconds: 0, cpuSeconds: 0, peakRssMiB: 0 };
  // Programs of Go read the authority from the environment.
  const env = field.tls === undefined ? {} : { env: { SSL_CERT_FILE: field.tls.caFile } };
  for (const { program, args, file } of contestant.commands(work) ?? []) {
    if (file !== undefined) writeFileSync(file.path, file.text);
    const done = await measure(program, args, { ...env, timeoutMs: commandLimitMs });
    if (done.code !== 0)
      throw new Error(
        `${contestant.name} ${args.join(' ')} ended with ${done.code ?? done.signal}:\n${done.stdout}\n${done.stderr}`,
      );
    total.wallSeconds += done.wallSeconds;
    total.cpuSeconds += done.cpuSeconds;
    total.peakRssMiB = Math.max(total.peakRssMiB, done.peakRssMiB);
  }
  return total;
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

function inOneLine({ name }: Contestant, { wallSeconds, cpuSeconds, peakRssMiB }: Sample): string {
  return `  ${name.padEnd(19)} ${wallSeconds.toFixed(2)} s  cpu ${cpuSeconds.toFixed(2)} s  ${peakRssMiB.toFixed(0)} MiB`;
}

/** One more run of tranship, not timed, past meters before every registry. */
async function countTraffic(field: Field): Promise<Traffic> {
  await using stack = new AsyncDisposableStack();
  const before = async (host: string): Promise<Meter> => stack.use(await meter(host));
  const source = await before(field.work.source);
  const destinations = await Promise.all(field.work.destinations.map(before));
  const tranship = field.scenario.contestants.find(({ name }) => name === 'tranship');
  if (tranship === undefined) throw new Error('tranship does not take part');
  const metered = { ...field.work, source: source.host, destinations: destinations.map(({ host }) => host) };
  await once(field, tranship, metered);

  const distinct = new Map(field.content.flatMap(({ blobs }) => blobs.map(({ digest, size }) => [digest, size])));
  const size = [...distinct.values()].reduce((sum, each) => sum + each, 0);
  const received = destinations.reduce((sum, each) => sum + each.toServer, 0) / destinations.length;
  return { sourceReads: source.fromServer / size, destinationReceives: received / size };
}
