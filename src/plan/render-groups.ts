/** Repository pairs that are shown together: of one stage, from one registry to one other. */
import { safeText } from '../kit/text.ts';
import type { Plan, PlannedPlace, RepositoryPlan } from './types.ts';

export interface PlanGroup {
  readonly stage: string;
  /** Host and the namespace that all repositories of the group share. */
  readonly source: string;
  readonly destination: string;
  readonly tags: number;
  readonly repositories: number;
  readonly differing: readonly RepositoryPlan[];
}

export function planGroups({ repositories }: Plan): readonly PlanGroup[] {
  const groups = new Map<string, RepositoryPlan[]>();
  for (const repository of repositories) {
    const { stage, source, destination } = repository;
    const key = JSON.stringify([stage, hostOf(source), hostOf(destination)]);
    const group = groups.get(key);
    if (group) group.push(repository);
    else groups.set(key, [repository]);
  }
  return [...groups.values()].map(groupOf);
}

function tagsOf({ items, same, trusted, failedTags = [] }: RepositoryPlan): number {
  return items.length + same + trusted + failedTags.length;
}

function groupOf(repositories: readonly RepositoryPlan[]): PlanGroup {
  const stage = repositories[0]?.stage ?? '';
  let tags = 0;
  for (const repository of repositories) tags += tagsOf(repository);
  return {
    stage: safeText(stage),
    source: sharedPlace(repositories.map(({ source }) => source)),
    destination: sharedPlace(repositories.map(({ destination }) => destination)),
    tags,
    repositories: repositories.length,
    differing: repositories.filter(isDiffering),
  };
}

function isDiffering({ items, warnings, failedTags = [], failure }: RepositoryPlan): boolean {
  return items.length + failedTags.length + warnings.length > 0 || failure !== undefined;
}

function sharedPlace(places: readonly PlannedPlace[]): string {
  const [first] = places;
  if (first === undefined) return '';
  let shared = namespaceOf(first);
  for (const place of places) shared = commonStart(shared, namespaceOf(place));
  return safeText([hostOf(first), ...shared].join('/'));
}

function namespaceOf({ repository }: PlannedPlace): readonly string[] {
  return repository.split('/').slice(0, -1);
}

function commonStart(a: readonly string[], b: readonly string[]): readonly string[] {
  const end = a.findIndex((part, at) => part !== b[at]);
  return end < 0 ? a : a.slice(0, end);
}

/** The place without its repository. */
function hostOf({ location, repository }: PlannedPlace): string {
  return repository !== '' && location.endsWith(`/${repository}`)
    ? location.slice(0, -repository.length - 1)
    : location;
}
