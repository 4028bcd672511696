/** dregsy's configuration: tasks, each from one registry to another, with mappings of paths. */
import type { Path } from '../../config/document.ts';
import { Differences } from '../difference.ts';
import type { NativeRegistry, NativeStage, NativeTls } from '../native.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { Registries, type RegistryWords } from '../registries.ts';
import { isOn, numberOf, recordOf, textOf } from '../values.ts';
import { type ForeignText, readYaml } from '../yaml.ts';
import { certificatesIn } from './certificates.ts';
import { idOf, withOwnIds } from './dregsy-ids.ts';
import { destinationOf, onHubPath, platformsOf, repositoryOf } from './dregsy-mapping.ts';
import { dregsyTags } from './dregsy-tags.ts';
import { placeName } from './image-name.ts';
import { Mistakes } from './mistakes.ts';
import { mayBePlain } from './plain-http.ts';
import { type Raw, Shape } from './shape.ts';

export async function readDregsy(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  return new DregsyReader(readYaml(source, file, 'as typed'), file, io).read();
}

interface End {
  readonly host: string;
  readonly name: string;
}

class DregsyReader {
  readonly #io: ForeignIo;
  readonly #root: Raw;
  readonly #mistakes: Mistakes;
  readonly #shape: Shape;
  readonly #differences = new Differences();
  readonly #registries = new Registries();

  constructor(text: ForeignText, file: string, io: ForeignIo) {
    this.#io = io;
    this.#root = recordOf(text.value);
    this.#mistakes = new Mistakes(file, text);
    this.#shape = new Shape(this.#mistakes);
  }

  async read(): Promise<ForeignIntent> {
    this.#differences.unknownKeys('', this.#root, ['relay', 'watch', 'skopeo', 'docker', 'lister', 'tasks']);
    tellGeneral(this.#root, this.#differences);
    const tasks = this.#shape.list(this.#root['tasks'], ['tasks']);
    if (tasks.length === 0 && this.#mistakes.none) this.#mistakes.missing([], 'tasks');
    const stages: NativeStage[] = [];
    for (const [at, task] of tasks.entries())
      stages.push(...(await this.#task(this.#shape.map(task, ['tasks', at]), at)));
    this.#mistakes.throwIfAny();
    return {
      tool: 'dregsy',
      file: { version: 1, registries: this.#registries.list(), stages: withOwnIds(stages) },
      differences: this.#differences.list(),
      secrets: this.#registries.secrets(),
      mayBePlainHttp: this.#registries.maybePlainHttp(),
    };
  }

  async #task(task: Raw, at: number): Promise<readonly NativeStage[]> {
    const where = `tasks[${at}]`;
    this.#differences.unknownKeys(where, task, ['name', 'interval', 'verbose', 'source', 'target', 'mappings']);
    const seconds = numberOf(task['interval']);
    if (seconds !== undefined)
      this.#differences.changed(where, `no timer is in the file: run \`tranship sync\` every ${seconds} s by one`);
    if (isOn(task['verbose'])) this.#differences.note(where, '`verbose`: say -v on the command line');
    const [from, to] = [await this.#end(task, 'source', at), await this.#end(task, 'target', at)];
    const mappings = this.#shape.list(task['mappings'], ['tasks', at, 'mappings']);
    if (mappings.length === 0) this.#mistakes.missing(['tasks', at], 'mappings');
    if (from === undefined || to === undefined) return [];
    return mappings.flatMap((value, index): readonly NativeStage[] => {
      const mapping = this.#shape.map(value, ['tasks', at, 'mappings', index]);
      const id = idOf(textOf(task['name']), mappings.length > 1 ? index : undefined);
      const stage = this.#mapping(mapping, { at, index, from, to });
      return stage === undefined ? [] : [{ ...(id !== undefined && { id }), ...stage }];
    });
  }

  #mapping(
    mapping: Raw,
    { at, index, from, to }: { readonly at: number; readonly index: number; readonly from: End; readonly to: End },
  ): NativeStage | undefined {
    const where = `tasks[${at}].mappings[${index}]`;
    const path_ = ['tasks', at, 'mappings', index] as const;
    this.#differences.unknownKeys(where, mapping, ['from', 'to', 'platform', 'tags', 'digests', 'preserve-digests']);
    const path = this.#shape.text(mapping['from'], [...path_, 'from']);
    if (path === undefined) {
      if (mapping['from'] === undefined) this.#mistakes.missing(path_, 'from');
      return undefined;
    }
    const destination = this.#shape.text(mapping['to'], [...path_, 'to']);
    if (destination?.startsWith('regex:') && !destination.includes(','))
      this.#mistakes.add([...path_, 'to'], 'the replacement is missing behind the expression: regex:FROM,TO');
    this.#checkExpressions(mapping, path_);
    const tags = dregsyTags(
      [
        ...this.#shape.texts(mapping['tags'], [...path_, 'tags']),
        ...this.#shape.texts(mapping['digests'], [...path_, 'digests']),
      ],
      { where, differences: this.#differences },
    );
    if (tags === 'nothing') return undefined;
    return {
      from: { registry: from.name, ...repositoryOf(from.host, path) },
      ...(tags !== undefined && { tags }),
      to: [destinationOf(to.name, onHubPath(from.host, path), destination)],
      ...platformsOf(textOf(mapping['platform']), this.#differences, where),
    };
  }

  /** In `from`, in front of the comma in `to`, and behind `regex:` and `keep:` in tags. */
  #checkExpressions(mapping: Raw, path: Path): void {
    const check = (value: unknown, at: Path, pattern: RegExp): void => {
      const source = typeof value === 'string' ? pattern.exec(value.trim())?.[1] : undefined;
      if (source !== undefined) this.#mistakes.expression(at, source);
    };
    check(mapping['from'], [...path, 'from'], /^regex:\s*(.*)$/s);
    check(mapping['to'], [...path, 'to'], /^regex:\s*([^,]*),/s);
    const tags = Array.isArray(mapping['tags']) ? mapping['tags'] : [];
    tags.forEach((tag: unknown, at) => {
      if (typeof tag === 'string' && !/^(?:semver|regex|keep):/.test(tag.trim()))
        this.#mistakes.reference([...path, 'tags', at], tag.trim());
      check(tag, [...path, 'tags', at], /^(?:regex|keep):\s*(?!latest(?:\s+\d+)?$)!?\s*(.*)$/s);
    });
  }

  async #end(task: Raw, side: 'source' | 'target', at: number): Promise<End | undefined> {
    const end = this.#shape.map(task[side], ['tasks', at, side]);
    const where = `tasks[${at}].${side}`;
    this.#differences.unknownKeys(where, end, ['registry', 'auth', 'skip-tls-verify', 'auth-refresh', 'lister']);
    const written = this.#shape.text(end['registry'], ['tasks', at, side, 'registry']);
    if (written === undefined) {
      this.#mistakes.missing(['tasks', at, side], 'registry');
      return undefined;
    }
    const place = placeName(written);
    if (place === undefined || place.namespace !== undefined) {
      this.#mistakes.add(['tasks', at, side, 'registry'], `"${written}" is no registry`);
      return undefined;
    }
    this.#tellLister(this.#shape.map(end['lister'], ['tasks', at, side, 'lister']), where);
    return { host: place.host, name: this.#registries.add(place.host, await this.#wordsOf(end, place.host, where)) };
  }

  async #wordsOf(end: Raw, host: string, where: string): Promise<RegistryWords> {
    const credentials = this.#loginOf(textOf(end['auth']), host, where);
    const insecure = isOn(end['skip-tls-verify']);
    if (textOf(end['auth-refresh']) !== undefined)
      this.#differences.changed(
        where,
        'the login is renewed by a credential helper: write `credentials: {helper: ecr-login}`, or let the docker login file name one',
      );
    if (insecure) this.#differences.note(where, mayBePlain);
    const tls = { ...(await this.#certificatesOf(host)), ...(insecure && { insecure }) };
    return {
      ...(credentials && { credentials }),
      ...(Object.keys(tls).length > 0 && { tls }),
      ...(insecure && { mayBePlainHttp: true }),
    };
  }

  #loginOf(auth: string | undefined, host: string, where: string): NativeRegistry['credentials'] {
    if (auth === undefined) return undefined;
    if (auth === 'none') return 'anonymous';
    const login = decoded(auth);
    if (login === undefined) {
      this.#differences.leftOut(
        where,
        '`auth` cannot be read as base64 of a user and a password; the docker login file is used',
      );
      return undefined;
    }
    this.#differences.note(where, 'the password stands in the file; tranship.yaml names a variable instead');
    return this.#registries.login(host, login);
  }

  /** Below the folder each registry has its own, named without the port. */
  async #certificatesOf(host: string): Promise<NativeTls> {
    const folder = textOf(recordOf(this.#root['skopeo'])['certs-dir']);
    if (folder === undefined) return {};
    const own = `${folder.replace(/\/+$/, '')}/${host.replace(/:\d+$/, '')}`;
    const found = await certificatesIn(own, this.#io);
    if (found !== undefined && found.more.length > 0)
      this.#differences.leftOut(
        'skopeo.certs-dir',
        `more than one file of a kind is in ${own}: ${found.more.join(', ')}`,
      );
    if (found === undefined && (await certificatesIn(folder, this.#io)) === undefined)
      this.#differences.changed(
        'skopeo.certs-dir',
        `the folder ${folder} cannot be read here: name the files under \`tls\` of each registry`,
      );
    return found?.tls ?? {};
  }

  #tellLister(lister: Raw, where: string): void {
    this.#differences.unknownKeys(`${where}.lister`, lister, ['type', 'search', 'maxItems', 'cacheDuration']);
    const type = textOf(lister['type']);
    if (type === 'index')
      this.#differences.changed(
        `${where}.lister`,
        `repositories are listed, not searched for ("${textOf(lister['search']) ?? ''}"): Docker Hub lists one namespace at a time, so \`from\` has to begin with one`,
      );
    else if (type !== undefined)
      this.#differences.note(`${where}.lister`, 'how a registry lists is found out by itself');
  }
}

function tellGeneral(root: Raw, differences: Differences): void {
  differences.changed('', 'signatures and referrers travel along, and images that are equal are not copied again');
  if (isOn(root['watch'])) differences.changed('', '`watch` is not known: the file is read at every run');
  if (textOf(root['relay']) !== undefined)
    differences.note('relay', 'images go from registry to registry by themselves');
  for (const [key, known] of Object.entries(ofTheRelays)) differences.unknownKeys(key, recordOf(root[key]), known);
  const items = numberOf(recordOf(root['lister'])['maxItems']);
  if (items !== undefined && items > 0)
    differences.changed('lister', 'repositories are listed to the end, not cut off');
}

const ofTheRelays: Readonly<Record<string, readonly string[]>> = {
  skopeo: ['binary', 'certs-dir'],
  docker: ['dockerhost', 'api-version'],
  lister: ['maxItems', 'cacheDuration'],
};

function decoded(auth: string): { readonly username: string; readonly password: string } | undefined {
  try {
    const { username, password } = recordOf(JSON.parse(Buffer.from(auth, 'base64').toString('utf8')));
    return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
  } catch {
    return undefined; // The caller says that it cannot be read.
  }
}
