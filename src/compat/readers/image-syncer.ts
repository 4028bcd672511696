/** image-syncer's files: images (source → destinations) and, in a file of its own or with them, logins by prefix. */
import { Differences } from '../difference.ts';
import type { NativeStage } from '../native.ts';
import type { ForeignIntent, ForeignIo } from '../reader.ts';
import { anywhere } from '../regex.ts';
import { Registries } from '../registries.ts';
import { recordOf } from '../values.ts';
import { readYaml } from '../yaml.ts';
import { imageName, placeName } from './image-name.ts';
import { readAuthFile, wordsOf } from './image-syncer-auth.ts';
import { type Source, sourceOf } from './image-syncer-source.ts';
import { Mistakes } from './mistakes.ts';
import { pinnedTag, tellPins } from './pins.ts';
import { Shape } from './shape.ts';

export async function readImageSyncer(source: string, file: string, io: ForeignIo): Promise<ForeignIntent> {
  const text = readYaml(source, file, 'as typed');
  const root = recordOf(text.value);
  const isOneFile = 'images' in root;
  const mistakes = new Mistakes(file, text);
  const shape = new Shape(mistakes);
  const differences = new Differences();
  const registries = new Registries();
  if (isOneFile) differences.unknownKeys('', root, ['auth', 'images']);
  const ownAuth = isOneFile && 'auth' in root;
  const logins = ownAuth ? shape.map(root['auth'], ['auth']) : await readAuthFile(io, differences);
  const registry = (host: string, repository: string): string =>
    registries.add(host, wordsOf(host, repository, { logins, expand: !ownAuth, registries, differences, io }));

  const stages = Object.entries(isOneFile ? shape.map(root['images'], ['images']) : root).flatMap(
    ([key, value]): NativeStage[] => {
      const path = isOneFile ? ['images', key] : [key];
      const from = sourceOf(key);
      if (from === undefined) {
        mistakes.add(path, `"${key}" is no source`);
        return [];
      }
      if (from.regex !== undefined) mistakes.expression(path, from.regex);
      for (const tag of from.tags ?? []) mistakes.reference(path, tag);
      const targets = shape.texts(value, path);
      return (targets.length === 0 ? [''] : targets).flatMap((target) => {
        const to = target === '' ? usualTarget(from, io) : target;
        if (to === undefined) {
          const hint = 'Say where such images go: --to HOST/NAMESPACE.';
          mistakes.add(path, `"${key}" has no destination`, { hint });
          return [];
        }
        const made = stagesFor(from, to, registry);
        if (made === undefined) mistakes.add(path, `"${to}" is no destination of "${key}"`, { hint: wantedForm });
        if (from.digest !== undefined && made?.[0]?.to[0]?.tag === undefined && !hasTag(to))
          tellPins(key, 1, differences);
        return made ?? [];
      });
    },
  );
  if (stages.length === 0 && mistakes.none) mistakes.add([], 'no image is named that can be copied');
  mistakes.throwIfAny();
  differences.changed('', 'indexes keep their bytes and digests; signatures and referrers travel along');
  differences.note('', 'the longest prefix of the logins counts, for every registry and path');
  return {
    tool: 'image-syncer',
    file: { version: 1, registries: registries.list(), stages: together(stages) },
    differences: differences.list(),
    secrets: registries.secrets(),
    mayBePlainHttp: registries.maybePlainHttp(),
  };
}

const wantedForm = 'It is a repository, alone or with as many tags as its source has.';

/** Without a destination, images go under their own name to the registry and namespace of the command line. */
function usualTarget({ repository }: Source, { destination }: ForeignIo): string | undefined {
  const place = destination === undefined ? undefined : placeName(destination);
  if (place === undefined) return undefined;
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return [place.host, place.namespace, name].filter((part) => part !== undefined).join('/');
}

/** One stage, or several where tags are renamed one by one. */
function stagesFor(
  from: Source,
  target: string,
  registry: (host: string, repository: string) => string,
): readonly NativeStage[] | undefined {
  const [place, names] = splitTags(target);
  const to = imageName(place);
  if (to === undefined || to.digest !== undefined) return undefined;
  const source = { registry: registry(from.host, from.repository), repository: from.repository };
  const destination = { registry: registry(to.host, to.repository), repository: to.repository };
  if (from.digest !== undefined && names.length < 2)
    return [{ from: source, tags: [pinnedTag(from.digest, names[0])], to: [destination] }];
  if (from.regex !== undefined && names.length === 0)
    return [{ from: source, tags: [{ regex: anywhere(from.regex) }], to: [destination] }];
  const tags = from.tags ?? [];
  if (names.length === 0) return [{ from: source, ...(tags.length > 0 && { tags }), to: [destination] }];
  if (names.length !== tags.length) return undefined;
  return tags.map((tag, at) => ({ from: source, tags: [tag], to: [{ ...destination, tag: names[at] ?? tag }] }));
}

function hasTag(target: string): boolean {
  return splitTags(target)[1].length > 0;
}

/** What stands behind the last colon after the last slash are tags; before it, a colon belongs to a port. */
function splitTags(target: string): readonly [string, readonly string[]] {
  const bare = target.replace(/@.*$/, '');
  const colon = bare.lastIndexOf(':');
  if (colon <= bare.lastIndexOf('/')) return [bare, []];
  return [
    bare.slice(0, colon),
    bare
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
    const fresh = stage.to.filter((to) => !known?.to.some((one) => JSON.stringify(one) === JSON.stringify(to)));
    merged.set(key, known === undefined ? stage : { ...known, to: [...known.to, ...fresh] });
  }
  return [...merged.values()];
}
