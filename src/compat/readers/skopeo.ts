/** The YAML of `skopeo sync --src yaml`: registries, each with its images. Where they go is not in it. */
import { Differences } from '../difference.ts';
import type { NativeDestination, NativeStage, NativeTagRule } from '../native.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { anywhere } from '../regex.ts';
import { Registries, type RegistryWords } from '../registries.ts';
import { isOff, isOn, recordOf, textOf } from '../values.ts';
import { readYaml } from '../yaml.ts';
import { certificatesIn } from './certificates.ts';
import { isDigest, onHub, placeName } from './image-name.ts';
import { Mistakes } from './mistakes.ts';
import { pinnedTag, tellPins } from './pins.ts';
import { mayBePlain } from './plain-http.ts';
import { npmRange } from './semver.ts';
import { type Raw, Shape } from './shape.ts';

const keys = ['images', 'images-by-tag-regex', 'images-by-semver', 'credentials', 'tls-verify', 'cert-dir'];

interface Reading {
  readonly io: ForeignIo;
  readonly mistakes: Mistakes;
  readonly shape: Shape;
  readonly differences: Differences;
  readonly registries: Registries;
}

export async function readSkopeo(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  const text = readYaml(source, file, 'as typed');
  const mistakes = new Mistakes(file, text);
  const reading = {
    io,
    mistakes,
    shape: new Shape(mistakes),
    differences: new Differences(),
    registries: new Registries(),
  };
  const { differences, registries } = reading;
  const target = io.destination === undefined ? undefined : placeName(io.destination);
  if (target === undefined) {
    const what = io.destination === undefined ? 'the file names no destination' : `"${io.destination}" is no registry`;
    mistakes.add([], what, { hint: 'Say where it goes: --to HOST[/NAMESPACE].' });
  }
  const to = registries.add(target?.host ?? 'nowhere.invalid', {
    plainHttp: io.destination?.startsWith('http://') ?? false,
  });
  const stages: NativeStage[] = [];
  for (const [host, value] of Object.entries(recordOf(text.value))) {
    const settings = reading.shape.map(value, [host]);
    differences.unknownKeys(host, settings, keys);
    const place = placeName(host);
    if (place === undefined || place.namespace !== undefined) {
      mistakes.add([host], `"${host}" is no registry`);
      continue;
    }
    const named = repositoriesOf(host, place.host, settings, reading);
    if (named.length === 0) differences.note(host, 'it names no image');
    const registry = registries.add(place.host, await wordsOf(host, place.host, settings, reading));
    for (const { repository, tags } of named)
      stages.push({
        from: { registry, repository },
        ...(tags !== undefined && { tags }),
        to: [destinationOf(to, target?.namespace, { host: place.host, repository, scoped: io.scoped === true })],
      });
  }
  if (stages.length === 0 && mistakes.none) mistakes.add([], 'no image is named that can be copied');
  mistakes.throwIfAny();
  tellGeneral(differences, io, stages);
  return {
    tool: 'skopeo',
    file: { version: 1, registries: registries.list(), stages },
    differences: differences.list(),
    secrets: registries.secrets(),
    mayBePlainHttp: registries.maybePlainHttp(),
  };
}

interface RepositoryTags {
  readonly repository: string;
  readonly tags?: readonly NativeTagRule[];
}

function repositoriesOf(key: string, host: string, settings: Raw, reading: Reading): readonly RepositoryTags[] {
  const entries = (kind: string) => Object.entries(reading.shape.map(settings[kind], [key, kind]));
  const named = entries('images').flatMap(([name, value]): RepositoryTags[] => {
    const wanted = reading.shape.texts(value, [key, 'images', name]);
    wanted.forEach((tag, at) => reading.mistakes.reference([key, 'images', name, at], tag));
    const digests = wanted.filter(isDigest);
    if (digests.length > 0) tellPins(`${key}.images.${name}`, digests.length, reading.differences);
    const tags = wanted.map((tag) => (isDigest(tag) ? pinnedTag(tag) : tag));
    return [{ repository: onHub(host, name), ...(tags.length > 0 && { tags }) }];
  });
  const byRegex = entries('images-by-tag-regex').flatMap(([name, value]): RepositoryTags[] => {
    const regex = reading.shape.text(value, [key, 'images-by-tag-regex', name]);
    if (regex === undefined) reading.mistakes.add([key, 'images-by-tag-regex', name], `"${name}" has no expression`);
    else reading.mistakes.expression([key, 'images-by-tag-regex', name], regex);
    return regex === undefined ? [] : [{ repository: onHub(host, name), tags: [{ regex: anywhere(regex) }] }];
  });
  const bySemver = entries('images-by-semver').flatMap(([name, value]): RepositoryTags[] => {
    const ranges = reading.shape.texts(value, [key, 'images-by-semver', name]);
    if (ranges.length === 0) reading.mistakes.add([key, 'images-by-semver', name], `"${name}" has no range`);
    const tags = ranges.flatMap((range) => {
      const semver = npmRange(range);
      if (semver !== undefined) return [{ semver }];
      reading.differences.leftOut(
        `${key}.images-by-semver.${name}`,
        `the range "${range}" cannot be written in npm's words`,
      );
      return [];
    });
    return tags.length === 0 ? [] : [{ repository: onHub(host, name), tags }];
  });
  return [...named, ...byRegex, ...bySemver];
}

async function wordsOf(key: string, host: string, settings: Raw, reading: Reading): Promise<RegistryWords> {
  const { differences, registries, mistakes, shape } = reading;
  const { username, password } = shape.map(settings['credentials'], [key, 'credentials']);
  const [user, pass] = [textOf(username), textOf(password)];
  if ((user === undefined) !== (pass === undefined))
    differences.leftOut(key, '`username` and `password` belong together; the docker login file is used');
  const hasLogin = user !== undefined && pass !== undefined;
  if (hasLogin) differences.note(key, 'the password stands in the file; tranship.yaml names a variable instead');
  const verify = settings['tls-verify'];
  if (verify !== undefined && textOf(verify) !== undefined && !isOff(verify) && !isOn(verify))
    mistakes.add([key, 'tls-verify'], 'true or false is expected here');
  const insecure = isOff(verify);
  const tls = { ...(await certificatesOf(key, settings, reading)), ...(insecure && { insecure }) };
  if (insecure) differences.note(key, mayBePlain);
  return {
    ...(hasLogin && { credentials: registries.login(host, { username: user, password: pass }) }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(insecure && { mayBePlainHttp: true }),
  };
}

async function certificatesOf(key: string, settings: Raw, { io, differences }: Reading) {
  const folder = textOf(settings['cert-dir']);
  if (folder === undefined) return {};
  const found = await certificatesIn(folder, io);
  if (found === undefined) {
    differences.changed(
      key,
      `the folder ${folder} of certificates cannot be read here: name the files under \`tls.ca\`, \`tls.cert\` and \`tls.key\``,
    );
    return {};
  }
  if (found.more.length > 0)
    differences.leftOut(key, `more than one file of a kind is in ${folder}: ${found.more.join(', ')}`);
  return found.tls;
}

/** Below the destination skopeo keeps the last part of the name, or with `--scoped` all of it behind the host. */
function destinationOf(
  registry: string,
  namespace: string | undefined,
  { host, repository, scoped }: { host: string; repository: string; scoped: boolean },
): NativeDestination {
  const name = scoped ? `${hostAsPath(host)}/${repository}` : repository.slice(repository.lastIndexOf('/') + 1);
  return { registry, repository: namespace === undefined ? name : `${namespace}/${name}` };
}

/** A port's colon may not stand in a repository's name. */
function hostAsPath(host: string): string {
  return host.replace(':', '-');
}

function tellGeneral(differences: Differences, io: ForeignIo, stages: readonly NativeStage[]): void {
  differences.changed('', 'all platforms are copied with their digests, where skopeo takes one unless --all is given');
  differences.changed('', 'signatures and referrers travel along');
  differences.changed('', 'a repository or rule that finds nothing is a failure, where skopeo goes on and ends with 0');
  if (io.scoped) return;
  const names = stages.map(
    ({ from, to }) => `${JSON.stringify(to[0]?.repository)} ${from.registry}/${from.repository}`,
  );
  const targets = [...new Set(names)].map((name) => name.slice(0, name.indexOf(' ')));
  const shared = targets.find((target, at) => targets.indexOf(target) < at);
  if (shared !== undefined)
    differences.changed('', `several sources end at ${shared}, as with skopeo: --scoped keeps them apart`);
}
