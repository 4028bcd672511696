/** The YAML of `skopeo sync --src yaml`: registries, each with its images. Where they go is not in it. */
import { Differences } from '../difference.ts';
import type { NativeDestination, NativeRegistry, NativeStage, NativeTagRule } from '../native.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { anywhere } from '../regex.ts';
import { Registries } from '../registries.ts';
import { isOff, recordOf, textOf, textsOf } from '../values.ts';
import { readYaml } from '../yaml.ts';
import { isDigest, onHub, placeName } from './image-name.ts';
import { Mistakes } from './mistakes.ts';
import { npmRange } from './semver.ts';

const keys = ['images', 'images-by-tag-regex', 'images-by-semver', 'credentials', 'tls-verify', 'cert-dir'];

export async function readSkopeo(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  const text = readYaml(source, file, 'as typed');
  const mistakes = new Mistakes(file, text);
  const differences = new Differences();
  const registries = new Registries();
  const target = io.destination === undefined ? undefined : placeName(io.destination);
  if (target === undefined) {
    const hint = 'Say where it goes: --to HOST[/NAMESPACE].';
    mistakes.add(
      [],
      io.destination === undefined ? 'the file names no destination' : `"${io.destination}" is no registry`,
      { hint },
    );
    mistakes.throwIfAny();
    throw new Error('a destination that is none was let pass');
  }
  const to = registries.add(target.host);
  const stages = Object.entries(recordOf(text.value)).flatMap(([host, value]) => {
    const settings = recordOf(value);
    differences.unknownKeys(host, settings, keys);
    const place = placeName(host);
    if (place === undefined) {
      mistakes.add([host], `"${host}" is no registry`);
      return [];
    }
    const registry = registries.add(place.host, wordsOf(place.host, settings, registries, differences));
    return stagesOf({ host: place.host, settings, differences }).map(
      ({ repository, tags }): NativeStage => ({
        from: { registry, repository },
        ...(tags !== undefined && { tags }),
        to: [destinationOf(to, target.namespace, { host: place.host, repository, scoped: io.scoped === true })],
      }),
    );
  });
  tellGeneral(differences, io, stages);
  mistakes.throwIfAny();
  return {
    tool: 'skopeo',
    file: { version: 1, registries: registries.list(), stages },
    differences: differences.list(),
    secrets: registries.secrets(),
  };
}

interface RepositoryTags {
  readonly repository: string;
  readonly tags?: readonly NativeTagRule[];
}

function stagesOf({
  host,
  settings,
  differences,
}: {
  host: string;
  settings: Readonly<Record<string, unknown>>;
  differences: Differences;
}): readonly RepositoryTags[] {
  const named = Object.entries(recordOf(settings['images'])).flatMap(([name, value]): RepositoryTags[] => {
    const repository = onHub(host, name);
    const wanted = textsOf(value);
    const digests = wanted.filter(isDigest);
    if (digests.length > 0)
      differences.leftOut(
        `${host}.images.${name}`,
        `${digests.length} digests: no tag would name them; use \`tranship copy\``,
      );
    const tags = wanted.filter((tag) => !isDigest(tag));
    if (wanted.length === 0) return [{ repository }];
    return tags.length === 0 ? [] : [{ repository, tags }];
  });
  const byRegex = Object.entries(recordOf(settings['images-by-tag-regex'])).flatMap(
    ([name, value]): RepositoryTags[] => {
      const regex = textOf(value);
      return regex === undefined ? [] : [{ repository: onHub(host, name), tags: [{ regex: anywhere(regex) }] }];
    },
  );
  const bySemver = Object.entries(recordOf(settings['images-by-semver'])).flatMap(([name, value]): RepositoryTags[] => {
    const range = textOf(value);
    const semver = range === undefined ? undefined : npmRange(range);
    if (semver !== undefined) return [{ repository: onHub(host, name), tags: [{ semver }] }];
    differences.leftOut(
      `${host}.images-by-semver.${name}`,
      `the range "${range ?? ''}" cannot be written in npm's words`,
    );
    return [];
  });
  return [...named, ...byRegex, ...bySemver];
}

function wordsOf(
  host: string,
  settings: Readonly<Record<string, unknown>>,
  registries: Registries,
  differences: Differences,
): Omit<NativeRegistry, 'url'> {
  const { username, password } = recordOf(settings['credentials']);
  const [user, pass] = [textOf(username), textOf(password)];
  if (pass !== undefined)
    differences.note(host, 'the password stands in the file; tranship.yaml names a variable instead');
  if (textOf(settings['cert-dir']) !== undefined)
    differences.changed(host, '`cert-dir` is not read: name the files under `tls.ca`, `tls.cert` and `tls.key`');
  return {
    ...(user !== undefined &&
      pass !== undefined && { credentials: registries.login(host, { username: user, password: pass }) }),
    ...(isOff(settings['tls-verify']) && { tls: { insecure: true } }),
  };
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
  const names = stages.map(({ to }) => JSON.stringify(to[0]?.repository));
  if (new Set(names).size < names.length)
    differences.note('', 'several sources have one last part of the name: --scoped keeps them apart');
}
