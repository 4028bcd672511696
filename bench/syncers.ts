/** The programs as they keep repositories in step, each from one file where it has such a thing. Plain HTTP only. */
import { join } from 'node:path';
import { tool, transhipProgram } from '../test/e2e/kit/tools.ts';
import { forgetSkopeo, pinned, skopeoVersion, transhipVersion } from './versions.ts';
import { type Contestant, destinationFolder, type Work } from './work.ts';

const inFlight = 16;

function onlyDestination({ destinations }: Work): string {
  const [destination] = destinations;
  if (destination === undefined || destinations.length > 1) throw new Error('a sync has one destination here');
  return destination;
}

export const transhipSync: Contestant = {
  name: 'tranship',
  version: transhipVersion,
  commands: (work) => {
    const path = join(work.folder, 'tranship.yaml');
    const args = [transhipProgram, 'sync', '--config', path];
    return [{ program: process.execPath, args, file: { path, text: transhipFile(work) } }];
  },
};

/** Several repositories are found by a pattern, as one writes it. */
function transhipFile(work: Work): string {
  const [first] = work.repositories;
  const from = work.repositories.length === 1 ? `repository: ${first?.from}` : 'repositories: ["bench/**"]';
  return `version: 1
registries:
  source: {url: "http://${work.source}"}
  destination: {url: "http://${onlyDestination(work)}"}
stages:
  - from: {registry: source, ${from}}
    to: [{registry: destination, repository: "${destinationFolder}/{name}"}]
`;
}

/** It knows one repository at a time, so a shell goes through them. */
export const craneByRepository: Contestant = {
  name: 'crane',
  version: pinned('crane'),
  commands: (work) => {
    const line = (repository: { from: string; to: string }): string =>
      `${tool('crane')} cp -a -j ${inFlight} ${work.source}/${repository.from} ${onlyDestination(work)}/${repository.to}`;
    return [{ program: '/bin/sh', args: ['-ec', work.repositories.map(line).join('\n')] }];
  },
};

/** `parallel` as in the example of its documentation, everything else as it comes. */
export const regsync = regsyncWith('regsync', 'parallel: 2');
/** With as much in flight as crane is given. */
export const regsync16 = regsyncWith(`regsync, ${inFlight} at once`, `parallel: ${inFlight}`, inFlight);

function regsyncWith(name: string, defaults: string, requests?: number): Contestant {
  return {
    name,
    version: pinned('regsync'),
    commands: (work) => {
      const path = join(work.folder, 'regsync.yaml');
      const text = regsyncFile(work, defaults, requests);
      return [{ program: tool('regsync'), args: ['once', '--config', path], file: { path, text } }];
    },
  };
}

function regsyncFile(work: Work, defaults: string, requests: number | undefined): string {
  const destination = onlyDestination(work);
  const limit = requests === undefined ? '' : `, reqConcurrent: ${requests}`;
  const hosts = [work.source, destination].map((host) => `  - {registry: "${host}", tls: disabled${limit}}`);
  const entries = work.repositories.map(
    ({ from, to }) => `  - {source: "${work.source}/${from}", target: "${destination}/${to}", type: repository}`,
  );
  return ['version: 1', 'creds:', ...hosts, `defaults: {${defaults}}`, 'sync:', ...entries, ''].join('\n');
}

export const skopeoSync: Contestant = {
  name: 'skopeo',
  version: skopeoVersion,
  forget: forgetSkopeo,
  commands: (work) => {
    const path = join(work.folder, 'skopeo.yaml');
    const images = work.repositories.map(({ from }) => `    ${from}: []`);
    const text = [`"${work.source}":`, '  tls-verify: false', '  images:', ...images, ''].join('\n');
    const place = `${onlyDestination(work)}/${destinationFolder}`;
    const args = ['sync', '--all', '--src', 'yaml', '--dest', 'docker', '--dest-tls-verify=false', path, place];
    return [{ program: tool('skopeo'), args, file: { path, text } }];
  },
};
