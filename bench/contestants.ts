/** The programs that are measured and how each is told to do the same work. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { projectVersion } from '../test/e2e/kit/servers.ts';
import { pinnedVersion, tool, transhipProgram } from '../test/e2e/kit/tools.ts';

export interface Work {
  /** `host/repository` of the source and of each destination. */
  readonly source: string;
  readonly destinations: readonly string[];
  /** Absent: every tag. */
  readonly tag?: string;
  /** With TLS, the authority's file; without, plain HTTP. */
  readonly caFile?: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

export interface Contestant {
  readonly name: string;
  version(): string;
  /** Throws away what the program remembers of earlier runs, so that every round has all the work to do. */
  forget?(): void;
  /** The commands, one after another; `undefined` where the program cannot do this work. */
  commands(work: Work): readonly Command[] | undefined;
}

const nameOf = (place: string, work: Work): string => (work.tag === undefined ? place : `${place}:${work.tag}`);
const hostOf = (place: string): string => place.split('/')[0] ?? '';

/** A program that copies to one destination at a time. */
function oneByOne(
  name: string,
  version: () => string,
  args: (source: string, destination: string, work: Work) => readonly string[] | undefined,
): Contestant {
  return {
    name,
    version,
    commands: (work) => {
      const all = work.destinations.map((place) => args(nameOf(work.source, work), nameOf(place, work), work));
      return all.every((each) => each !== undefined)
        ? all.map((each) => ({ program: tool(name), args: each }))
        : undefined;
    },
  };
}

const tranship: Contestant = {
  name: 'tranship',
  version: () => `${projectVersion} on Node ${process.versions.node}`,
  commands: (work) => {
    const places = [work.source, ...work.destinations].map((place) => nameOf(place, work));
    const all = work.tag === undefined ? ['--all-tags'] : [];
    const trust = work.caFile === undefined ? [] : ['--ca-file', work.caFile];
    return [{ program: process.execPath, args: [transhipProgram, 'copy', ...places, ...all, ...trust] }];
  },
};

const crane = oneByOne(
  'crane',
  () => pinnedVersion('crane'),
  (source, destination, { tag }) =>
    tag === undefined ? ['cp', '-a', '-j', '16', source, destination] : ['cp', source, destination],
);

const regctl = oneByOne(
  'regctl',
  () => pinnedVersion('regctl'),
  (source, destination, { tag, caFile }) => {
    if (tag === undefined) return undefined;
    const hosts = [source, destination].flatMap((place) => ['--host', `reg=${hostOf(place)},tls=disabled`]);
    return ['image', 'copy', ...(caFile === undefined ? hosts : []), source, destination];
  },
);

const oras = oneByOne(
  'oras',
  () => pinnedVersion('oras'),
  (source, destination, { tag, caFile }) => {
    if (tag === undefined) return undefined;
    // Said in both cases: it takes localhost for plain HTTP otherwise.
    const plain = String(caFile === undefined);
    return ['cp', `--from-plain-http=${plain}`, `--to-plain-http=${plain}`, source, destination];
  },
);

const plainSkopeo = oneByOne('skopeo', skopeoVersion, (source, destination, { tag, caFile }) => {
  const plain = caFile === undefined ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : [];
  if (tag === undefined) return undefined;
  return ['copy', '--all', ...plain, `docker://${source}`, `docker://${destination}`];
});

/** It remembers in which repository a blob is, and mounts it from there. */
const skopeo: Contestant = {
  ...plainSkopeo,
  forget: () => rmSync('/var/lib/containers/cache/blob-info-cache-v1.boltdb', { force: true }),
};

function skopeoVersion(): string {
  return execFileSync(tool('skopeo'), ['--version'], { encoding: 'utf8' }).trim().replace('skopeo version ', '');
}

export const contestants: readonly Contestant[] = [tranship, crane, regctl, oras, skopeo];
