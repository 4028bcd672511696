/** Names of tasks as names of stages. */
import type { NativeStage } from '../native.ts';

export function idOf(name: string | undefined, index: number | undefined): string | undefined {
  const plainName = name
    ?.replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 56);
  if (!plainName) return undefined;
  return index === undefined ? plainName : `${plainName}-${index + 1}`;
}

/** Names of tasks need not be unique there; here a name that is taken falls away. */
export function withOwnIds(stages: readonly NativeStage[]): readonly NativeStage[] {
  const taken = new Set<string>();
  return stages.map(({ id, ...stage }) => {
    if (id === undefined || taken.has(id)) return stage;
    taken.add(id);
    return { id, ...stage };
  });
}
