/** What run-reposync refuses before it runs, in the words of its two generations, for whoever searches logs for them. */
import type { ReposyncModel } from './model.ts';

/** `1.x`: with the file as an argument; `0.x`: with `-c`. */
export type ReposyncWords = '1.x' | '0.x';

interface Say {
  readonly unsetVariables: (names: readonly string[]) => readonly string[];
  readonly duplicates: (ids: readonly string[]) => readonly string[];
  readonly itself: (id: string, dependsOn: readonly string[]) => string;
  readonly unknownStage: (id: string, known: readonly string[], dependsOn: readonly string[]) => string;
}

const words: Readonly<Record<ReposyncWords, Say>> = {
  '1.x': {
    unsetVariables: (names) => names.map((name) => `The following env var must be set: '${name}'`),
    duplicates: (ids) => [`stages[#].id must be unique, duplicates={${ids.map((id) => `'${id}'`).join(', ')}}`],
    itself: (id) => `stage cannot depend on itself: '${id}'`,
    unknownStage: (id, known) => `stage.depends_on entry '${id}' must be any of ${list(known)}`,
  },
  '0.x': {
    unsetVariables: (names) =>
      names.length === 0 ? [] : [`The following environment variables are required: ${list(names)}`],
    duplicates: (ids) => ids.map((id) => `Stage id '${id}' defined multiple times, check the configuration`),
    itself: (id, dependsOn) => `Stage ${id} cannot depend upon itself: depends_on=${list(dependsOn)}`,
    unknownStage: (_, _known, dependsOn) => `depends_on=${list(dependsOn)} no stage with that name defined`,
  },
};

/** Everything that is wrong and needs no network to be seen. */
export function checkReposync(
  model: ReposyncModel,
  env: Readonly<Record<string, string | undefined>>,
  generation: ReposyncWords,
): readonly string[] {
  const say = words[generation];
  const ids = model.stages.map(({ id }) => id);
  const repeated = [...new Set(ids.filter((id, at) => ids.indexOf(id) < at))];
  return [
    ...say.unsetVariables(unsetVariables(model, env)),
    ...(repeated.length > 0 ? say.duplicates(repeated) : []),
    ...unknownRegistries(model),
    ...model.stages.flatMap(({ id, dependsOn }) => [
      ...(dependsOn.includes(id) ? [say.itself(id, dependsOn)] : []),
      ...unknownOnce(dependsOn, ids).map((name) => say.unknownStage(name, ids, dependsOn)),
    ]),
    ...twice(model),
    ...cycle(model),
  ];
}

function unsetVariables(
  { registries }: ReposyncModel,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const names = Object.values(registries).flatMap(({ login }) => (login ? [login.user, login.password] : []));
  return [...new Set(names)].filter((name) => (env[name] ?? '') === '');
}

function unknownOnce(dependsOn: readonly string[], ids: readonly string[]): readonly string[] {
  return [...new Set(dependsOn)].filter((name) => !ids.includes(name));
}

function unknownRegistries({ registries, stages }: ReposyncModel): readonly string[] {
  const known = Object.keys(registries);
  return stages.flatMap(({ from, to }) => [
    ...(known.includes(from.source) ? [] : [`from_entry.source='${from.source}' must be any of ${list(known)}`]),
    ...to.flatMap(({ destination }) =>
      known.includes(destination) ? [] : [`to_entry.destination='${destination}' must be any of ${list(known)}`],
    ),
  ]);
}

/** One task written twice in one stage is an error there; twice in different stages it is not. */
function twice({ stages }: ReposyncModel): readonly string[] {
  return stages.flatMap(({ id, from, to }) => {
    const tasks = to.flatMap(({ destination, repository, tags }) =>
      (tags.length === 0 ? ['*'] : tags).map((tag) => taskId({ from, to: { destination, repository }, tag, id })),
    );
    return [...new Set(tasks.filter((task, at) => tasks.indexOf(task) < at))].map(
      (task) => `The same task is there twice: ${task}`,
    );
  });
}

export interface TaskName {
  readonly from: { readonly source: string; readonly repository: string };
  readonly to: { readonly destination: string; readonly repository: string };
  readonly tag: string;
  readonly id: string;
}

/** `hub/org/app:1.0 --> master/mirror/app:1.0 #stage` */
export function taskId({ from, to, tag, id }: TaskName): string {
  return `${from.source}/${from.repository}:${tag} --> ${to.destination}/${to.repository}:${tag} #${id}`;
}

/** Stages that wait for each other, with what each of them waits for. */
function cycle({ stages }: ReposyncModel): readonly string[] {
  const waiting = new Map(stages.map(({ id, dependsOn }) => [id, dependsOn.filter((name) => name !== id)]));
  const free = () => [...waiting].find(([, before]) => !before.some((name) => waiting.has(name)));
  for (let next = free(); next !== undefined; next = free()) waiting.delete(next[0]);
  if (waiting.size === 0) return [];
  const lines = [...waiting].map(([id, before]) => `  ${id}: ${before.filter((name) => waiting.has(name)).join(', ')}`);
  return [['Please remove cyclic dependencies. Check predecessors:', ...lines].join('\n')];
}

function list(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
