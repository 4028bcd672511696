/** dregsy's configuration: tasks, each from one registry to another, with mappings of paths. */
import { Differences } from '../difference.ts';
import type { NativeDestination, NativeRegistry, NativeStage } from '../native.ts';
import type { ForeignIntent } from '../reader.ts';
import { anywhere } from '../regex.ts';
import { Registries } from '../registries.ts';
import { isOn, listOf, numberOf, recordOf, textOf, textsOf } from '../values.ts';
import { readYaml } from '../yaml.ts';
import { dregsyTags } from './dregsy-tags.ts';
import { onHub, placeName } from './image-name.ts';
import { Mistakes } from './mistakes.ts';

type Raw = Readonly<Record<string, unknown>>;

export async function readDregsy(source: string, file: string): Promise<ForeignIntent> {
  const text = readYaml(source, file, 'as typed');
  const root = recordOf(text.value);
  const mistakes = new Mistakes(file, text);
  const differences = new Differences();
  const registries = new Registries();
  differences.unknownKeys('', root, ['relay', 'watch', 'skopeo', 'docker', 'lister', 'tasks']);
  tellGeneral(root, differences);

  const endOf = (task: Raw, side: 'source' | 'target', at: number) => {
    const end = recordOf(task[side]);
    const place = placeName(textOf(end['registry']) ?? '');
    if (place === undefined) mistakes.add(['tasks', at, side], 'the registry is missing or is none');
    const where = `tasks[${at}].${side}`;
    differences.unknownKeys(where, end, ['registry', 'auth', 'skip-tls-verify', 'auth-refresh', 'lister']);
    return place && { host: place.host, name: registries.add(place.host, wordsOf(end, place.host, where)) };
  };

  const wordsOf = (end: Raw, host: string, where: string): Omit<NativeRegistry, 'url'> => {
    const credentials = loginOf(textOf(end['auth']), host, where);
    if (textOf(end['auth-refresh']) !== undefined)
      differences.changed(
        where,
        'the login is renewed by the credential helper of the docker login file (`credHelpers`)',
      );
    return { ...(credentials && { credentials }), ...(isOn(end['skip-tls-verify']) && { tls: { insecure: true } }) };
  };

  const loginOf = (auth: string | undefined, host: string, where: string): NativeRegistry['credentials'] => {
    if (auth === undefined) return undefined;
    if (auth === 'none') return 'anonymous';
    const login = decoded(auth);
    if (login === undefined) {
      differences.leftOut(
        where,
        '`auth` cannot be read as base64 of a user and a password; the docker login file is used',
      );
      return undefined;
    }
    differences.note(where, 'the password stands in the file; tranship.yaml names a variable instead');
    return registries.login(host, login);
  };

  const stages = listOf(root['tasks']).flatMap((value, at) => {
    const task = recordOf(value);
    const where = `tasks[${at}]`;
    differences.unknownKeys(where, task, ['name', 'interval', 'verbose', 'source', 'target', 'mappings']);
    if (numberOf(task['interval']) !== undefined)
      differences.changed(where, 'the interval is not in the file: run `tranship sync` by a timer');
    const [from, to] = [endOf(task, 'source', at), endOf(task, 'target', at)];
    if (from === undefined || to === undefined) return [];
    const mappings = listOf(task['mappings']).map(recordOf);
    return mappings.flatMap((mapping, index): readonly NativeStage[] => {
      const place = `${where}.mappings[${index}]`;
      differences.unknownKeys(place, mapping, ['from', 'to', 'platform', 'tags']);
      const path = textOf(mapping['from']);
      if (path === undefined) {
        mistakes.missing(['tasks', at, 'mappings', index], 'from');
        return [];
      }
      const tags = dregsyTags(textsOf(mapping['tags']), { where: place, differences });
      if (tags === 'nothing') return [];
      const name = idOf(textOf(task['name']), mappings.length > 1 ? index : undefined);
      return [
        {
          ...(name !== undefined && { id: name }),
          from: { registry: from.name, ...repositoryOf(from.host, path) },
          ...(tags !== undefined && { tags }),
          to: [destinationOf(to.name, onHubPath(from.host, path), textOf(mapping['to']))],
          ...platformsOf(textOf(mapping['platform']), differences, place),
        },
      ];
    });
  });
  if (listOf(root['tasks']).length === 0) mistakes.missing([], 'tasks');
  mistakes.throwIfAny();
  return {
    tool: 'dregsy',
    file: { version: 1, registries: registries.list(), stages: withOwnIds(stages) },
    differences: differences.list(),
    secrets: registries.secrets(),
  };
}

function tellGeneral(root: Raw, differences: Differences): void {
  differences.changed('', 'signatures and referrers travel along, and images that are equal are not copied again');
  if (isOn(root['watch'])) differences.changed('', '`watch` is not known: the file is read at every run');
  if (textOf(recordOf(root['skopeo'])['certs-dir']) !== undefined)
    differences.changed('skopeo', '`certs-dir` is not read: name the files under `tls` of each registry');
  const items = numberOf(recordOf(root['lister'])['maxItems']);
  if (items !== undefined && items > 0)
    differences.changed('lister', 'repositories are listed to the end, not cut off');
}

/** A leading slash is nothing, as dregsy has it. */
function plain(path: string): string {
  return path.replace(/^\/+/, '');
}

function onHubPath(host: string, path: string): string {
  return path.startsWith('regex:') ? path : onHub(host, plain(path));
}

function repositoryOf(host: string, path: string): Omit<NativeStage['from'], 'registry'> {
  if (!path.startsWith('regex:')) return { repository: onHub(host, plain(path)) };
  return { repositories: { include: [{ regex: anywhere(path.slice('regex:'.length).trim()) }] } };
}

function destinationOf(registry: string, from: string, to: string | undefined): NativeDestination {
  const isMany = from.startsWith('regex:');
  if (to === undefined) return { registry, repository: '{path}' };
  if (to.startsWith('regex:')) {
    const [regex = '', replacement = ''] = splitOnce(to.slice('regex:'.length).trim(), ',');
    return { registry, repository: [{ regex, with: replacement }] };
  }
  return { registry, repository: isMany ? `${plain(to).replace(/\/$/, '')}/{path}` : plain(to) };
}

function splitOnce(text: string, by: string): readonly string[] {
  const at = text.lastIndexOf(by);
  return at < 0 ? [text] : [text.slice(0, at).trim(), text.slice(at + by.length).trim()];
}

function platformsOf(
  platform: string | undefined,
  differences: Differences,
  where: string,
): Pick<NativeStage, 'platforms'> {
  if (platform === undefined)
    differences.changed(
      where,
      'all platforms are copied with their digests, where dregsy takes the one that it runs on',
    );
  return platform === undefined || platform === 'all' ? {} : { platforms: [platform] };
}

function decoded(auth: string): { readonly username: string; readonly password: string } | undefined {
  try {
    const { username, password } = recordOf(JSON.parse(Buffer.from(auth, 'base64').toString('utf8')));
    return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
  } catch {
    return undefined; // The caller says that it cannot be read.
  }
}

function idOf(name: string | undefined, index: number | undefined): string | undefined {
  const plainName = name
    ?.replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 56);
  if (!plainName) return undefined;
  return index === undefined ? plainName : `${plainName}-${index + 1}`;
}

/** Names of tasks need not be unique there; here a name that is taken falls away. */
function withOwnIds(stages: readonly NativeStage[]): readonly NativeStage[] {
  const taken = new Set<string>();
  return stages.map(({ id, ...stage }) => {
    if (id === undefined || taken.has(id)) return stage;
    taken.add(id);
    return { id, ...stage };
  });
}
