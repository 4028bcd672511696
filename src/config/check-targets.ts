import { isGlob } from '../kit/pattern.ts';
import { parseRegistryAddress } from '../oci/reference.ts';
import type { ParsedText, Path } from './document.ts';
import type { Mistake } from './mistake.ts';
import { splitPin } from './pin.ts';
import { type RawStage, rawList, rawRecord, rawStages } from './raw.ts';

/** A copy whose both ends are written down. */
interface Route {
  readonly source: string;
  readonly target: string;
  /** The exact tags; `undefined` where only a listing tells. */
  readonly tags: ReadonlySet<string> | undefined;
  readonly path: Path;
}

/**
 * What can be seen before anything is listed: a copy onto itself, many repositories into one, the same destination twice,
 * and two sources whose named tags meet at one target. What shows only in listings is found before anything is written.
 */
export function checkTargets(text: ParsedText): readonly Mistake[] {
  const stages = rawStages(text.value);
  const hosts = hostsOf(text.value);
  const routes = stages.flatMap((stage) => routesOf(stage, hosts));
  return [
    ...stages.flatMap((stage) => manyIntoOne(stage, text)),
    ...routes
      .filter(({ source, target }) => source === target)
      .map(({ path, target }) => mistake(`${target} would be copied onto itself`, path, text)),
    ...clashes(routes, text),
  ];
}

function clashes(routes: readonly Route[], text: ParsedText): readonly Mistake[] {
  const earlier = new Map<string, Route[]>();
  return routes.flatMap((route) => {
    const sharing = earlier.get(route.target) ?? [];
    const other = sharing.find((one) => meet(one, route));
    earlier.set(route.target, sharing);
    sharing.push(route);
    return other === undefined ? [] : [mistake(clash(other, route, text), route.path, text)];
  });
}

function clash(other: Route, route: Route, text: ParsedText): string {
  const line = text.valueAt(other.path).line ?? '?';
  if (other.source === route.source) return `${route.source} is copied to ${route.target} already, in line ${line}`;
  const tag = [...(route.tags ?? [])].find((name) => other.tags?.has(name));
  return `${other.source} (line ${line}) and ${route.source} would both be copied to ${route.target}:${tag}`;
}

/** One source twice meets itself wherever both or neither name their tags; different sources only where named tags meet. */
function meet(one: Route, other: Route): boolean {
  if (one.tags === undefined || other.tags === undefined)
    return one.source === other.source && one.tags === other.tags && samePlace(one, other);
  return [...one.tags].some((tag) => other.tags?.has(tag));
}

/** Two stages may take different tags of one repository by rules; within one stage it is the same twice. */
function samePlace(one: Route, other: Route): boolean {
  return one.path[1] === other.path[1];
}

function manyIntoOne(stage: RawStage, text: ParsedText): readonly Mistake[] {
  if (stage.from['repositories'] === undefined || stage.from['repository'] !== undefined) return [];
  if (isOneName(stage.from['repositories'])) return [];
  return stage.to.flatMap(({ repository }, at) => {
    if (typeof repository !== 'string' || /\{(path|name)\}/.test(repository)) return [];
    const message = `every repository of this stage would end at ${repository}`;
    return [
      { ...mistake(message, [...stage.path, 'to', at, 'repository'], text), hint: 'Use {path} or {name} in it.' },
    ];
  });
}

function isOneName(repositories: unknown): boolean {
  const list = rawList(repositories);
  return list.length === 1 && typeof list[0] === 'string' && !isGlob(list[0]);
}

function routesOf(stage: RawStage, hosts: ReadonlyMap<string, string>): readonly Route[] {
  const { registry, repository } = stage.from;
  if (typeof registry !== 'string' || typeof repository !== 'string') return [];
  return stage.to.flatMap((to, at) => {
    const written = to['repository'] ?? '{path}';
    const name = to['registry'];
    if (typeof name !== 'string' || typeof written !== 'string') return [];
    if (to['tag'] !== undefined && to['tag'] !== '{tag}') return [];
    const target = fillIn(written, registry, repository);
    const path: Path = [...stage.path, 'to', at];
    return [
      {
        source: placeOf(hosts, registry, repository),
        target: placeOf(hosts, name, target),
        tags: exactTags(stage.tags),
        path,
      },
    ];
  });
}

function fillIn(template: string, registry: string, repository: string): string {
  const slash = repository.lastIndexOf('/');
  const values: Record<string, string> = {
    registry,
    path: repository,
    namespace: slash < 0 ? '' : repository.slice(0, slash),
    name: repository.slice(slash + 1),
  };
  return template.replace(/\{([a-z]+)\}/g, (whole, key: string) => values[key] ?? whole).replace(/^\//, '');
}

function exactTags(tags: unknown): ReadonlySet<string> | undefined {
  const include = Array.isArray(tags) ? tags : rawList(rawRecord(tags)['include']);
  if (include.length === 0) return undefined;
  const names = include.map((rule) => (typeof rule === 'string' && !isGlob(rule) ? splitPin(rule).tag : undefined));
  return names.every((name) => name !== undefined) ? new Set(names) : undefined;
}

/** Two names of one host are one place. */
function hostsOf(value: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(rawRecord(rawRecord(value)['registries']));
  return new Map(entries.map(([name, registry]) => [name, placeOfRegistry(rawRecord(registry)) ?? name]));
}

function placeOfRegistry({ url, layout }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof layout === 'string' ? `oci:${layout}` : hostOf(url);
}

function hostOf(url: unknown): string | undefined {
  try {
    return typeof url === 'string' ? parseRegistryAddress(url).host : undefined;
  } catch {
    return undefined; // The schema tells what is wrong with it.
  }
}

function placeOf(hosts: ReadonlyMap<string, string>, registry: string, repository: string): string {
  return `${hosts.get(registry) ?? registry}/${repository}`;
}

function mistake(message: string, path: Path, text: ParsedText): Mistake {
  return { code: 'E_CONFIG_TARGET', message, at: text.valueAt(path) };
}
