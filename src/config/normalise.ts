import { isGlob } from '../kit/pattern.ts';
import { parseDigest } from '../oci/digest.ts';
import { splitPin } from './pin.ts';
import { defaultStageId } from './raw.ts';
import type { ConfigInput } from './schema.ts';
import type {
  Config,
  DestinationConfig,
  NamePattern,
  PruneConfig,
  RegistryConfig,
  RepositoryRules,
  StageConfig,
  TagPattern,
  TagRule,
  TagRules,
} from './types.ts';

type RegistryInput = ConfigInput['registries'][string];
type StageInput = ConfigInput['stages'][number];
type Options = NonNullable<ConfigInput['defaults']>;
type RuleInput = NonNullable<Extract<StageInput['tags'], readonly unknown[]>>[number];

/** Fills in what the file leaves out: what it says itself, then its `defaults`, then what is built in. */
export function normalise(input: ConfigInput): Config {
  return {
    version: 1,
    registries: Object.fromEntries(Object.entries(input.registries).map(([name, one]) => [name, registryOf(one)])),
    stages: input.stages.map((stage, at) =>
      stageOf(stage, { ...builtIn, ...given(input.defaults ?? {}) } as Options & BuiltIn, at),
    ),
  };
}

/** What a stage does where neither it nor `defaults` says anything. */
type BuiltInKey = 'referrers' | 'platforms' | 'overwrite' | 'immutable' | 'foreign-layers';
type BuiltIn = { readonly [Key in BuiltInKey]: NonNullable<Options[Key]> };

export const builtIn: BuiltIn = {
  referrers: true,
  platforms: 'all',
  overwrite: true,
  immutable: [],
  'foreign-layers': 'skip',
};

const day = 86_400_000;
const builtInPrune: PruneConfig = { afterMs: 7 * day, max: { percent: 10 }, keep: 5 };

function registryOf({
  url,
  layout,
  kind,
  credentials,
  api,
  tls,
  limits,
  'token-hosts': tokenHosts,
  'allowed-hosts': allowedHosts,
}: RegistryInput): RegistryConfig {
  const { concurrency, rate, bandwidth } = limits ?? {};
  return given({
    host: url?.host ?? `oci:${layout}`,
    layout,
    plainHttp: url?.scheme === 'http',
    kind,
    credentials,
    api: api && given(api),
    tls: tls && given(tls),
    limits: limits && given({ concurrency, requestsPerSecond: rate, bandwidth }),
    tokenHosts,
    allowedHosts,
  });
}

function stageOf(stage: StageInput, defaults: Options & BuiltIn, at: number): StageConfig {
  const options = { ...defaults, ...given(stage) } as Options & BuiltIn;
  return given({
    id: stage.id ?? defaultStageId(at),
    dependsOn: [...new Set(stage.depends_on ?? [])],
    from: { registry: stage.from.registry, repositories: repositoriesOf(stage.from) },
    tags: tagsOf(stage.tags, stage.from.repository === undefined ? 0 : 1),
    to: stage.to.map(destinationOf),
    referrers: referrersOf(options.referrers),
    platforms: options.platforms,
    overwrite: options.overwrite,
    immutable: options.immutable.map(patternOf),
    backupTag: options['backup-tag'],
    foreignLayers: options['foreign-layers'],
    prune: options.prune && pruneOf(options.prune),
  });
}

function repositoriesOf({ repository, repositories }: StageInput['from']): RepositoryRules {
  if (repository !== undefined) return { kind: 'one', repository };
  const {
    include = [],
    exclude = [],
    ...guards
  } = Array.isArray(repositories) ? { include: repositories } : (repositories ?? {});
  const bounds: { 'at-least'?: number | undefined; 'at-most'?: number | undefined } = guards;
  return given({
    kind: 'several' as const,
    include: include.map(namePatternOf),
    exclude: exclude.map(namePatternOf),
    atLeast: bounds['at-least'] ?? 1,
    atMost: bounds['at-most'],
  });
}

function namePatternOf(pattern: string | { regex: string }): NamePattern {
  return typeof pattern === 'string' ? { glob: pattern } : pattern;
}

function tagsOf(tags: StageInput['tags'], atLeast: number): TagRules {
  if (tags === undefined || Array.isArray(tags)) return { include: (tags ?? []).map(ruleOf), exclude: [], atLeast };
  return given({
    include: (tags.include ?? []).map(ruleOf),
    exclude: (tags.exclude ?? []).map(ruleOf),
    atLeast: tags['at-least'] ?? atLeast,
    atMost: tags['at-most'],
  });
}

function ruleOf(rule: RuleInput): TagRule {
  if (typeof rule === 'string') return wanted(rule);
  const { glob, regex, semver, prereleases, newest, by = 'version', per } = rule;
  return given({
    pattern: glob !== undefined ? { glob } : regex !== undefined ? { regex } : undefined,
    semver,
    prereleases,
    newest: newest === undefined ? undefined : given({ count: newest, by, per }),
    newerThanMs: rule['newer-than'],
    olderThanMs: rule['older-than'],
  });
}

function wanted(text: string): TagRule {
  const { tag, digest } = splitPin(text);
  return given({ pattern: patternOf(tag), digest: digest === undefined ? undefined : parseDigest(digest) });
}

function patternOf(pattern: string | { glob: string } | { regex: string }): TagPattern {
  if (typeof pattern !== 'string') return pattern;
  return isGlob(pattern) ? { glob: pattern } : { name: pattern };
}

function destinationOf({
  registry,
  repository = '{path}',
  tag = '{tag}',
  create = false,
  visibility,
}: StageInput['to'][number]): DestinationConfig {
  return given({
    registry,
    repository: typeof repository === 'string' ? { template: repository } : { steps: repository },
    tag: typeof tag === 'string' ? { template: tag } : tag,
    create,
    visibility,
  });
}

function referrersOf(referrers: boolean | 'always'): StageConfig['referrers'] {
  if (referrers === 'always') return 'always';
  return referrers ? 'with-images' : 'never';
}

function pruneOf({ after, max, keep }: NonNullable<Options['prune']>): PruneConfig {
  return {
    afterMs: after ?? builtInPrune.afterMs,
    max: typeof max === 'number' ? { count: max } : (max ?? builtInPrune.max),
    keep: keep ?? builtInPrune.keep,
  };
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the keys that nothing is written for. */
function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Given<T>;
}
