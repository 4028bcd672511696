/** image-syncer's files: images (source → destinations) and, in a file of its own or with them, logins by prefix. */

import { Differences } from '../difference.ts';
import type { NativeRegistry, NativeStage } from '../native.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { anywhere } from '../regex.ts';
import { Registries } from '../registries.ts';
import { isOn, recordOf, textOf, textsOf } from '../values.ts';
import { readYaml } from '../yaml.ts';
import { imageName } from './image-name.ts';
import { type Source, sourceOf } from './image-syncer-source.ts';
import { Mistakes } from './mistakes.ts';

type Raw = Readonly<Record<string, unknown>>;

const usualAuthFiles = ['auth.yaml', 'auth.yml', 'auth.json'];

export async function readImageSyncer(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  const text = readYaml(source, file, 'as typed');
  const root = recordOf(text.value);
  const isOneFile = 'images' in root && 'auth' in root;
  const mistakes = new Mistakes(file, text);
  const differences = new Differences();
  const registries = new Registries();
  const logins = isOneFile ? recordOf(root['auth']) : await authOf(io, differences);
  const registry = (host: string, repository: string): string =>
    registries.add(host, wordsOf(host, repository, { logins, expand: !isOneFile, registries, differences, io }));

  const stages = Object.entries(isOneFile ? recordOf(root['images']) : root).flatMap(([key, value]): NativeStage[] => {
    const path = isOneFile ? ['images', key] : [key];
    const from = sourceOf(key);
    if (from === undefined) {
      mistakes.add(path, `"${key}" is no source`);
      return [];
    }
    if (from.digest) {
      differences.leftOut(key, 'it names a digest; copy it once with `tranship copy`');
      return [];
    }
    return textsOf(value).flatMap((target) => {
      const made = stagesFor(from, target, registry);
      if (made === undefined) mistakes.add(path, `"${target}" is no destination of "${key}"`);
      return made ?? [];
    });
  });
  if (stages.length === 0) mistakes.add([], 'no image is named that can be copied');
  mistakes.throwIfAny();
  differences.changed('', 'indexes keep their bytes and digests; signatures and referrers travel along');
  differences.note('', 'the longest prefix of the logins counts, for every registry and path');
  return {
    tool: 'image-syncer',
    file: { version: 1, registries: registries.list(), stages: together(stages) },
    differences: differences.list(),
    secrets: registries.secrets(),
  };
}

/** One stage, or several where tags are renamed one by one. */
function stagesFor(
  from: Source,
  target: string,
  registry: (host: string, repository: string) => string,
): readonly NativeStage[] | undefined {
  const [place, names] = splitTags(target);
  const to = imageName(place);
  if (to === undefined) return undefined;
  const source = { registry: registry(from.host, from.repository), repository: from.repository };
  const destination = { registry: registry(to.host, to.repository), repository: to.repository };
  if (from.regex !== undefined) return [{ from: source, tags: [{ regex: anywhere(from.regex) }], to: [destination] }];
  const tags = from.tags ?? [];
  if (names.length === 0) return [{ from: source, ...(tags.length > 0 && { tags }), to: [destination] }];
  if (names.length !== tags.length) return undefined;
  return tags.map((tag, at) => ({ from: source, tags: [tag], to: [{ ...destination, tag: names[at] ?? tag }] }));
}

/** What stands behind the last colon after the last slash are tags; before it, a colon belongs to a port. */
function splitTags(target: string): readonly [string, readonly string[]] {
  const colon = target.lastIndexOf(':');
  if (colon <= target.lastIndexOf('/')) return [target, []];
  return [
    target.slice(0, colon),
    target
      .slice(colon + 1)
      .split(',')
      .map((name) => name.trim()),
  ];
}

/** Destinations of the same tags of one source are one stage, so that the source is read once. */
function together(stages: readonly NativeStage[]): readonly NativeStage[] {
  const merged = new Map<string, NativeStage>();
  for (const stage of stages) {
    const key = JSON.stringify([stage.from, stage.tags]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? stage : { ...known, to: [...known.to, ...stage.to] });
  }
  return [...merged.values()];
}

async function authOf(io: ForeignIo, differences: Differences): Promise<Raw> {
  for (const name of io.authFile === undefined ? usualAuthFiles : [io.authFile]) {
    const text = await io.readText(name, { signal: io.signal });
    if (text === undefined) continue;
    const logins = recordOf(readYaml(text, name, 'as typed').value);
    const looksRight = Object.values(logins).every(
      (login) => 'username' in recordOf(login) || 'insecure' in recordOf(login),
    );
    if (io.authFile === undefined && !looksRight) continue;
    differences.note('', `logins are read from ${name}`);
    return logins;
  }
  return {};
}

interface LoginContext {
  readonly logins: Raw;
  /** Whether `${NAME}` stands for a variable; not in the old single file. */
  readonly expand: boolean;
  readonly registries: Registries;
  readonly differences: Differences;
  readonly io: ForeignIo;
}

function wordsOf(host: string, repository: string, context: LoginContext): Omit<NativeRegistry, 'url'> {
  const { logins, registries, differences } = context;
  const login = recordOf(longestPrefix(logins, `${host}/${repository}`));
  const [username, password] = [secretOf(login['username'], context), secretOf(login['password'], context)];
  const tls = isOn(login['insecure']) ? { tls: { insecure: true } } : {};
  if (username === undefined || password === undefined) return tls;
  if (typeof password !== 'string') return { ...tls, credentials: { username, password } };
  differences.note(host, 'the password stands in the file; tranship.yaml names a variable instead');
  const kept = registries.login(host, { username: typeof username === 'string' ? username : 'user', password });
  return {
    ...tls,
    credentials: typeof kept === 'object' && 'password' in kept ? { username, password: kept.password } : kept,
  };
}

function longestPrefix(logins: Raw, place: string): unknown {
  const fitting = Object.keys(logins).filter((prefix) => place === prefix || place.startsWith(`${prefix}/`));
  const longest = fitting.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : logins[longest];
}

/** `${NAME}` is a variable; a text that only holds one is filled in. */
function secretOf(value: unknown, { expand, io }: LoginContext): string | { readonly env: string } | undefined {
  const text = textOf(value);
  if (text === undefined || !expand) return text;
  const whole = /^\$\{(\w+)\}$/.exec(text)?.[1];
  if (whole !== undefined) return { env: whole };
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => io.env[name] ?? '');
}
