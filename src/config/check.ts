import { checkCycles } from './check-cycles.ts';
import { checkPins } from './check-pins.ts';
import { checkTargets } from './check-targets.ts';
import type { ParsedText, Path } from './document.ts';
import type { Mistake } from './mistake.ts';
import { type RawStage, rawList, rawRecord, rawStages } from './raw.ts';
import { didYouMean } from './suggest.ts';

export interface CheckOptions {
  /** The environment that references are looked up in; absent = they are not looked up. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * What no single value shows: names that lead nowhere, names that are taken twice, stages in a circle, targets that are
 * written twice, variables that are not set. Works on the file as it was read, so that these mistakes are told together with
 * mistakes of form.
 */
export function crossCheck(text: ParsedText, { env }: CheckOptions): readonly Mistake[] {
  const stages = rawStages(text.value);
  const ids = [...new Set(stages.map(({ id }) => id))];
  const registries = Object.keys(rawRecord(rawRecord(text.value)['registries']));
  return [
    ...duplicates(stages, text),
    ...stages.flatMap((stage) => [...unknownRegistries(stage, registries, text), ...unknownStages(stage, ids, text)]),
    ...checkCycles(stages, text),
    ...checkTargets(text),
    ...checkPins(stages, text),
    ...(env === undefined ? [] : unsetVariables(text, env)),
  ];
}

function duplicates(stages: readonly RawStage[], text: ParsedText): readonly Mistake[] {
  return stages.flatMap(({ id, idPath }, at) => {
    const first = stages.findIndex((stage) => stage.id === id);
    if (first === at) return [];
    const { line } = text.valueAt(stages[first]?.idPath ?? []);
    const message = `the stage "${id}" is there already, in line ${line ?? '?'}`;
    return [{ code: 'E_CONFIG_DUPLICATE', message, at: text.valueAt(idPath) }];
  });
}

function unknownRegistries(stage: RawStage, known: readonly string[], text: ParsedText): readonly Mistake[] {
  const places: Path[] = [[...stage.path, 'from'], ...stage.to.map((_, at) => [...stage.path, 'to', at])];
  const used = [stage.from, ...stage.to].map((place) => place['registry']);
  return used.flatMap((name, at) => {
    if (typeof name !== 'string' || known.includes(name)) return [];
    const hint = didYouMean(name, known) ?? `There are: ${known.slice(0, 20).join(', ') || 'none'}.`;
    const message = `no registry is named "${name.slice(0, 80)}"`;
    return [{ code: 'E_CONFIG_REFERENCE', message, hint, at: text.valueAt([...(places[at] ?? []), 'registry']) }];
  });
}

function unknownStages(stage: RawStage, ids: readonly string[], text: ParsedText): readonly Mistake[] {
  return stage.dependsOn.flatMap((name, at) => {
    if (ids.includes(name)) return [];
    const hint = didYouMean(name, ids) ?? `There are: ${ids.slice(0, 20).join(', ')}.`;
    const message = `no stage is named "${name.slice(0, 80)}"`;
    return [{ code: 'E_CONFIG_REFERENCE', message, hint, at: text.valueAt([...stage.path, 'depends_on', at]) }];
  });
}

/** Every `{env: NAME}` under `registries`, the one place where secrets are. */
function unsetVariables(text: ParsedText, env: NonNullable<CheckOptions['env']>): readonly Mistake[] {
  return variablesIn(rawRecord(text.value)['registries'], ['registries']).flatMap(({ name, path }) => {
    if (env[name] !== undefined && env[name] !== '') return [];
    const state = env[name] === undefined ? 'is not set' : 'is empty';
    return [{ code: 'E_CONFIG_ENV', message: `the environment variable ${name} ${state}`, at: text.valueAt(path) }];
  });
}

function variablesIn(value: unknown, path: Path): readonly { name: string; path: Path }[] {
  if (Array.isArray(value)) return rawList(value).flatMap((item, at) => variablesIn(item, [...path, at]));
  return Object.entries(rawRecord(value)).flatMap(([key, inner]) =>
    key === 'env' && typeof inner === 'string'
      ? [{ name: inner, path: [...path, key] }]
      : variablesIn(inner, [...path, key]),
  );
}
