/** The programs as they copy one repository or one of its tags. */
import { tool, transhipProgram } from '../test/e2e/kit/tools.ts';
import { forgetSkopeo, pinned, skopeoVersion, transhipVersion } from './versions.ts';
import type { Contestant, Work } from './work.ts';

/** The source and each destination as the programs name them. */
function places({ source, destinations, repositories, tag }: Work): [string, ...string[]] {
  const [repository] = repositories;
  if (repository === undefined) throw new Error('there is nothing to copy');
  const suffix = tag === undefined ? '' : `:${tag}`;
  const targets = destinations.map((host) => `${host}/${repository.to}${suffix}`);
  return [`${source}/${repository.from}${suffix}`, ...targets];
}

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
      const [source, ...destinations] = places(work);
      const all = destinations.map((place) => args(source, place, work));
      return all.every((each) => each !== undefined)
        ? all.map((each) => ({ program: tool(name), args: each }))
        : undefined;
    },
  };
}

const tranship: Contestant = {
  name: 'tranship',
  version: transhipVersion,
  commands: (work) => {
    const all = work.tag === undefined ? ['--all-tags'] : [];
    const trust = work.caFile === undefined ? [] : ['--ca-file', work.caFile];
    return [{ program: process.execPath, args: [transhipProgram, 'copy', ...places(work), ...all, ...trust] }];
  },
};

const crane = oneByOne('crane', pinned('crane'), (source, destination, { tag }) =>
  tag === undefined ? ['cp', '-a', '-j', '16', source, destination] : ['cp', source, destination],
);

const regctl = oneByOne('regctl', pinned('regctl'), (source, destination, { tag, caFile }) => {
  if (tag === undefined) return undefined;
  const hosts = [source, destination].flatMap((place) => ['--host', `reg=${place.split('/')[0]},tls=disabled`]);
  return ['image', 'copy', ...(caFile === undefined ? hosts : []), source, destination];
});

const oras = oneByOne('oras', pinned('oras'), (source, destination, { tag, caFile }) => {
  if (tag === undefined) return undefined;
  // Said in both cases: it takes localhost for plain HTTP otherwise.
  const plain = String(caFile === undefined);
  return ['cp', `--from-plain-http=${plain}`, `--to-plain-http=${plain}`, source, destination];
});

const skopeo: Contestant = {
  ...oneByOne('skopeo', skopeoVersion, (source, destination, { tag, caFile }) => {
    const plain = caFile === undefined ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : [];
    if (tag === undefined) return undefined;
    return ['copy', '--all', ...plain, `docker://${source}`, `docker://${destination}`];
  }),
  forget: forgetSkopeo,
};

export const copiers: readonly Contestant[] = [tranship, crane, regctl, oras, skopeo];
