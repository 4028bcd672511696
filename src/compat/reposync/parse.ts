import type { Path } from '../../config/document.ts';
import { isTagName } from '../../oci/names.ts';
import { Differences } from '../difference.ts';
import type { ForeignIo } from '../reader.ts';
import { placeName } from '../readers/image-name.ts';
import { Mistakes } from '../readers/mistakes.ts';
import { type ForeignText, readYaml } from '../yaml.ts';
import { withIncludes } from './include.ts';
import type { ReposyncModel, ReposyncRegistry, ReposyncStage, ReposyncTarget } from './model.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface ParsedReposync {
  readonly model: ReposyncModel;
  readonly differences: Differences;
}

/** Reads the file as strictly as the original does: texts are texts. Throws a `ConfigError` with every mistake. */
export async function parseReposync(
  source: string,
  file: string,
  io: Pick<ForeignIo, 'readText' | 'signal'>,
): Promise<ParsedReposync> {
  const text = readYaml(source, file, 'yaml 1.1');
  const value = await withIncludes(text.value, file, io);
  const parser = new Parser(text, file);
  return { model: parser.read(value), differences: parser.differences };
}

class Parser {
  readonly differences = new Differences();
  readonly #text: ForeignText;
  readonly #mistakes: Mistakes;

  constructor(text: ForeignText, file: string) {
    this.#text = text;
    this.#mistakes = new Mistakes(file, text);
  }

  read(value: unknown): ReposyncModel {
    if (value === null || value === undefined) this.#mistakes.add([], 'it is empty');
    else if (typeof value !== 'object' || Array.isArray(value))
      this.#mistakes.add([], `a mapping is expected here, not ${Array.isArray(value) ? 'a list' : 'a text'}`);
    this.#mistakes.throwIfAny();
    const root = this.#map(value, []);
    this.differences.unknownKeys('', root, ['registries', 'stages']);
    const registries = Object.entries(this.#map(root['registries'], ['registries']));
    if (registries.length === 0 && this.#mistakes.none)
      this.#mistakes.add(['registries'], 'at least one registry is needed');
    const stages = this.#list(root['stages'], ['stages']);
    const model = {
      registries: Object.fromEntries(registries.map(([key, one]) => [key, this.#registry(one, ['registries', key])])),
      stages: withIds(stages.map((one, at) => this.#stage(one, ['stages', at]))),
    };
    if (!this.#mistakes.none) this.#references(model);
    this.#mistakes.throwIfAny();
    return model;
  }

  /** Names that lead nowhere, told together with mistakes of form; in a file without these `checkReposync` tells them. */
  #references({ registries, stages }: ReposyncModel): void {
    const ids = stages.map(({ id }) => id);
    const check = (name: string, known: readonly string[], path: Path, what: string): void => {
      if (name !== '' && !known.includes(name))
        this.#mistakes.add(path, `${what}='${name}' must be any of [${known.map((one) => `'${one}'`).join(', ')}]`);
    };
    stages.forEach(({ from, to, dependsOn }, at) => {
      check(from.source, Object.keys(registries), ['stages', at, 'from', 'source'], 'from_entry.source');
      to.forEach(({ destination }, index) =>
        check(destination, Object.keys(registries), ['stages', at, 'to', index, 'destination'], 'to_entry.destination'),
      );
      dependsOn.forEach((id, index) => check(id, ids, ['stages', at, 'depends_on', index], 'stage.depends_on entry'));
    });
  }

  #registry(value: unknown, path: Path): ReposyncRegistry {
    const raw = this.#map(value, path);
    this.differences.unknownKeys(path.join('.'), raw, ['url', 'env_user', 'env_password', 'skip-tls-verify']);
    const url = this.#string(raw['url'], [...path, 'url']);
    if (url !== '' && placeName(url) === undefined)
      this.#mistakes.add([...path, 'url'], `"${url}" is no host[:port]`, { hint: 'Write it without https://.' });
    const user = this.#variable(raw, 'env_user', path);
    const password = this.#variable(raw, 'env_password', path);
    if ((user === null) !== (password === null))
      this.#mistakes.add(path, '`env_user` and `env_password` belong together');
    const skip = raw['skip-tls-verify'];
    if (skip !== undefined && skip !== null && typeof skip !== 'boolean')
      this.#mistakes.add([...path, 'skip-tls-verify'], 'true or false is expected here');
    return {
      url: placeName(url)?.host ?? url,
      ...(user !== null && password !== null && { login: { user, password } }),
      skipTlsVerify: skip === true,
    };
  }

  /** The name of a variable; null where the file says so. */
  #variable(raw: Raw, key: string, path: Path): string | null {
    if (raw[key] === null) return null;
    return this.#string(raw[key], [...path, key]);
  }

  #stage(value: unknown, path: Path): Omit<ReposyncStage, 'id'> & { readonly id: string | undefined } {
    const raw = this.#map(value, path);
    this.differences.unknownKeys(where(path), raw, ['from', 'to', 'id', 'depends_on']);
    const from = this.#map(raw['from'], [...path, 'from']);
    const written = raw['id'] ?? undefined;
    const dependsOn = raw['depends_on'] ?? [];
    const to = this.#list(raw['to'], [...path, 'to']);
    if (Array.isArray(raw['to']) && to.length === 0) this.#mistakes.add([...path, 'to'], 'the list is empty');
    return {
      id: written === undefined ? undefined : this.#string(written, [...path, 'id']),
      from: {
        source: this.#string(from['source'], [...path, 'from', 'source']),
        repository: plain(this.#string(from['repository'], [...path, 'from', 'repository'])),
      },
      to: to.map((one, at) => this.#target(one, [...path, 'to', at])),
      dependsOn: this.#strings(dependsOn, [...path, 'depends_on']),
    };
  }

  #target(value: unknown, path: Path): ReposyncTarget {
    const raw = this.#map(value, path);
    this.differences.unknownKeys(where(path), raw, ['destination', 'repository', 'tags']);
    const tags = this.#strings(raw['tags'], [...path, 'tags']);
    tags.forEach((tag, at) => {
      if (tag !== '' && !isTagName(tag)) this.#mistakes.add([...path, 'tags', at], `"${tag}" is no tag`);
    });
    return {
      destination: this.#string(raw['destination'], [...path, 'destination']),
      repository: plain(this.#string(raw['repository'], [...path, 'repository'])),
      tags,
    };
  }

  #map(value: unknown, path: Path): Raw {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Raw;
    this.#wrong(value, path, 'a mapping');
    return {};
  }

  #list(value: unknown, path: Path): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.#wrong(value, path, 'a list');
    return [];
  }

  #strings(value: unknown, path: Path): readonly string[] {
    return this.#list(value, path).map((item, at) => this.#string(item, [...path, at]));
  }

  #string(value: unknown, path: Path): string {
    if (typeof value === 'string' && value !== '') return value;
    this.#wrong(value, path, 'a text');
    return '';
  }

  #wrong(value: unknown, path: Path, expected: string): void {
    if (value === undefined) return this.#mistakes.missing(path.slice(0, -1), String(path.at(-1)));
    const typed = this.#text.typedAt(path);
    const hint = expected === 'a text' && typed ? { hint: `Put it in quotes: "${typed}".` } : {};
    const found =
      value === ''
        ? 'an empty one'
        : Array.isArray(value)
          ? 'a list'
          : typed || `${value === null ? 'nothing' : typeof value}`;
    return this.#mistakes.add(path, `${where(path)}: ${expected} is expected here, not ${found}`, hint);
  }
}

function withIds(
  stages: readonly (Omit<ReposyncStage, 'id'> & { readonly id: string | undefined })[],
): readonly ReposyncStage[] {
  const taken = new Set(stages.map(({ id }) => id));
  return stages.map((stage, at) => {
    let made = `stage-${at + 1}`;
    while (taken.has(made)) made = `${made}-`;
    return { ...stage, id: stage.id ?? made };
  });
}

function plain(repository: string): string {
  return repository.replace(/^\/+/, '');
}

/** `stages[0].to[1].tags` */
function where(path: Path): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');
}
