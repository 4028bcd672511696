/** The compiled rules of one stage: what its repositories and tags are and where they go. */
import type { Config, DestinationConfig, StageConfig } from '../../config/types.ts';
import type { Digest } from '../../oci/digest.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { TargetClaims } from '../../select/claims.ts';
import { type MappedSource, repositoryMapper, tagMapper } from '../../select/mapping.ts';
import { anyOf } from '../../select/pattern.ts';
import { pinsOf } from '../../select/pins.ts';
import { exactRepositories, guardRepositories, namespacesOf, selectRepositories } from '../../select/repositories.ts';
import { exactTags, type Selection, tagSelector } from '../../select/tags.ts';
import type { SyncWorld } from './world.ts';

export interface StagePlanner {
  readonly stage: StageConfig;
  readonly destinations: readonly DestinationRules[];
  readonly select: ReturnType<typeof tagSelector>;
  /** The tags that the rules name, where they name nothing else. */
  readonly exact: readonly TagName[] | undefined;
  /** Tags that stand for a digest which the rules name. */
  readonly pins: ReadonlyMap<TagName, Digest>;
  isImmutable(tag: TagName): boolean;
}

export interface DestinationRules {
  readonly config: DestinationConfig;
  repositoryFor(source: MappedSource): RepositoryName;
  tagFor(source: MappedSource, tag: TagName): TagName;
}

export function stagePlanner(stage: StageConfig): StagePlanner {
  return {
    stage,
    destinations: stage.to.map((config) => ({
      config,
      repositoryFor: repositoryMapper(config.repository),
      tagFor: tagMapper(config.tag),
    })),
    select: tagSelector(stage.tags),
    exact: exactTags(stage.tags),
    pins: pinsOf(stage.tags),
    isImmutable: anyOf(stage.immutable),
  };
}

export interface StageRepositories {
  readonly repositories: readonly RepositoryName[];
  readonly warnings: readonly string[];
}

/** The source repositories of a stage, found out when the stage starts. */
export async function repositoriesOf(
  stage: StageConfig,
  world: SyncWorld,
  options: CallOptions,
): Promise<StageRepositories> {
  const { registry, repositories: rules } = stage.from;
  const exact = exactRepositories(rules);
  if (exact !== undefined) return { repositories: exact, warnings: [] };
  if (rules.kind === 'one') throw new Error('a repository name that the configuration let pass is none');
  const listed = await Array.fromAsync(world.repositories(registry, namespacesOf(rules), options));
  const selection = selectRepositories([...new Set(listed)], rules);
  const failure = guardRepositories(selection, rules, registry);
  if (failure) throw failure.at('source', registry);
  return { repositories: selection.kept, warnings: selection.warnings };
}

/**
 * Claims every target of a run, so that two sources that would end at one target are refused before either is written.
 * Repositories are claimed when a stage knows them, tags of one repository pair when they are selected.
 */
export class RunClaims {
  readonly #repositories = new TargetClaims();

  claimRepositories(config: Config, planner: StagePlanner, repositories: readonly RepositoryName[]): void {
    // Several stages may bring different tags of different sources into one repository; within a stage, all tags follow
    // one rule, so that two repositories with one target repository would write the same tags.
    const sameTags = (destination: DestinationRules) => JSON.stringify(destination.config.tag);
    for (const repository of repositories) {
      const source: MappedSource = { registry: planner.stage.from.registry, repository };
      for (const destination of planner.destinations) {
        const target = `${hostOf(config, destination.config.registry)}/${destination.repositoryFor(source)}`;
        this.#repositories.claim(
          `${planner.stage.id} ${target} ${sameTags(destination)}`,
          `${source.registry}/${repository}`,
        );
      }
    }
  }
}

/** The targets of the selected tags, each claimed once. */
export function targetsOf(
  selection: Selection | readonly TagName[],
  destination: DestinationRules,
  source: MappedSource,
): ReadonlyMap<TagName, TagName> {
  const tags = 'kept' in selection ? selection.kept : selection;
  // Tags that keep their names cannot meet.
  if (isIdentity(destination)) return new Map(tags.map((tag) => [tag, tag]));
  const claims = new TargetClaims();
  const targets = new Map<TagName, TagName>();
  for (const tag of tags) {
    const target = destination.tagFor(source, tag);
    claims.claim(target, `${source.repository}:${tag}`);
    targets.set(tag, target);
  }
  return targets;
}

function isIdentity({ config }: DestinationRules): boolean {
  return 'template' in config.tag && config.tag.template === '{tag}';
}

export function hostOf(config: Config, registry: string): string {
  const found = config.registries[registry];
  if (found === undefined) {
    throw new TranshipError('E_CONFIG', 'usage', `The registry "${registry}" is not configured.`, {
      subject: registry,
    });
  }
  return found.host;
}
