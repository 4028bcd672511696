import type { Differences } from '../difference.ts';
import type { NativeFile, NativeRegistry, NativeStage } from '../native.ts';
import { onHub } from '../readers/image-name.ts';
import { mayBePlain } from '../readers/plain-http.ts';
import type { ReposyncModel, ReposyncRegistry, ReposyncStage, ReposyncTarget } from './model.ts';

export interface NativeReposync {
  readonly file: NativeFile;
  /** The stage of the original that each of ours stands for. */
  readonly stageOf: ReadonlyMap<string, ReposyncStage>;
  /** The original's key of each of our registries. */
  readonly keyOf: ReadonlyMap<string, string>;
}

export interface NativeOptions {
  /** `tags: []` means no tags, not all of them. */
  readonly explicitTags?: boolean;
}

/**
 * The same in `tranship.yaml`'s words. A stage whose destinations want different tags becomes several, because our tags are a
 * stage's; whoever waits for it waits for all of them.
 */
export function nativeReposync(model: ReposyncModel, options: NativeOptions = {}): NativeReposync {
  const names = namesFor(Object.keys(model.registries));
  const nameOf = (key: string): string => names.get(key) ?? key;
  const ids = stageIds(model.stages);
  const taken = new Set(ids.values());
  const parts = new Map(
    model.stages.map((stage) => [stage.id, partsOf(stage, ids.get(stage.id) ?? stage.id, taken, options)]),
  );
  const stageOf = new Map<string, ReposyncStage>();
  const stages = model.stages.flatMap((stage) =>
    (parts.get(stage.id) ?? []).map(({ id, targets, tags }): NativeStage => {
      stageOf.set(id, stage);
      const waits = reach(stage, model, parts);
      return {
        id,
        ...(waits.length > 0 && { depends_on: waits }),
        from: {
          registry: nameOf(stage.from.source),
          repository: repositoryOn(model, stage.from.source, stage.from.repository),
        },
        ...(tags.length > 0 && { tags }),
        to: targets.map(({ destination, repository }) => ({
          registry: nameOf(destination),
          repository: repositoryOn(model, destination, repository),
        })),
      };
    }),
  );
  const registries = Object.entries(model.registries).map(([key, registry]) => [nameOf(key), registryOf(registry)]);
  return {
    file: { version: 1, registries: Object.fromEntries(registries), stages },
    stageOf,
    keyOf: new Map([...names].map(([key, name]) => [name, key])),
  };
}

/** What differs in meaning, for `convert` and for whoever runs the file with `sync`. */
export function tellReposync({ registries, stages }: ReposyncModel, differences: Differences): void {
  for (const [key, { skipTlsVerify }] of Object.entries(registries))
    if (skipTlsVerify) differences.note(`registries.${key}`, mayBePlain);
  if (stages.some(({ to }) => to.some(({ tags }) => tags.length === 0)))
    differences.changed('', 'all tags include signatures, which the original leaves out');
  differences.changed('', 'an empty listing where tags were expected is a failure');
  const several = stages.filter(({ to }) => new Set(to.map(({ tags }) => JSON.stringify(tags))).size > 1);
  for (const { id } of several)
    differences.note(id, 'its destinations want different tags, so it became several stages');
}

interface Part {
  readonly id: string;
  readonly tags: readonly string[];
  readonly targets: readonly ReposyncTarget[];
}

/** Destinations of the same tags are one part, so that the source is read once for them. */
function partsOf(
  { to }: ReposyncStage,
  id: string,
  taken: Set<string>,
  { explicitTags = false }: NativeOptions,
): readonly Part[] {
  const groups = new Map<string, ReposyncTarget[]>();
  for (const target of to) {
    if (explicitTags && target.tags.length === 0) continue;
    const key = JSON.stringify(target.tags);
    groups.set(key, [...(groups.get(key) ?? []), target]);
  }
  const all = [...groups.values()];
  return all.map((targets, at) => ({
    id: all.length === 1 ? id : freeId(`${id}.${at + 1}`, taken),
    tags: [...new Set(targets[0]?.tags)],
    targets,
  }));
}

/** An id that no stage of the file has. */
function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  while (taken.has(id)) id = `${id}.`;
  taken.add(id);
  return id;
}

/** The parts that a stage waits for. A stage without anything to do is fulfilled by what it waited for itself. */
function reach(
  stage: ReposyncStage,
  { stages }: ReposyncModel,
  parts: ReadonlyMap<string, readonly Part[]>,
): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const own = parts.get(id) ?? [];
    for (const part of own) found.add(part.id);
    if (own.length === 0) for (const before of stages.find((one) => one.id === id)?.dependsOn ?? []) visit(before);
  };
  for (const id of stage.dependsOn) visit(id);
  return [...found];
}

function registryOf({ url, login, skipTlsVerify }: ReposyncRegistry): NativeRegistry {
  return {
    url,
    credentials:
      login === undefined ? 'anonymous' : { username: { env: login.user }, password: { env: login.password } },
    ...(skipTlsVerify && { tls: { insecure: true } }),
  };
}

function repositoryOn({ registries }: ReposyncModel, key: string, repository: string): string {
  return onHub(registries[key]?.url ?? '', repository);
}

/** Keys and ids may be any text there; here they are names. */
function namesFor(texts: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    texts.map((text) => {
      const base =
        text
          .replace(/[^A-Za-z0-9._-]+/g, '-')
          .replace(/^[^A-Za-z0-9]+/, '')
          .slice(0, 50) || 'unnamed';
      let name = base;
      for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
      taken.add(name);
      return [text, name];
    }),
  );
}

function stageIds(stages: readonly ReposyncStage[]): ReadonlyMap<string, string> {
  return namesFor(stages.map(({ id }) => id));
}
