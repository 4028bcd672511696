import type { Path } from './document.ts';

/** A stage as it was read, whatever its form: what is not as it should be is left out here and told by the schema. */
export interface RawStage {
  readonly path: Path;
  readonly id: string;
  /** Where the id stands, or the stage where it has none. */
  readonly idPath: Path;
  readonly dependsOn: readonly string[];
  readonly from: Readonly<Record<string, unknown>>;
  readonly to: readonly Readonly<Record<string, unknown>>[];
  readonly tags: unknown;
}

export function rawStages(value: unknown): readonly RawStage[] {
  return rawList(rawRecord(value)['stages']).map((item, at) => {
    const stage = rawRecord(item);
    const written = stage['id'];
    const path: Path = ['stages', at];
    return {
      path,
      id: typeof written === 'string' ? written : defaultStageId(at),
      idPath: typeof written === 'string' ? [...path, 'id'] : path,
      dependsOn: rawList(stage['depends_on'])
        .map((name) => (typeof name === 'string' ? name : ''))
        .filter((name) => name !== ''),
      from: rawRecord(stage['from']),
      to: rawList(stage['to']).map(rawRecord),
      tags: stage['tags'],
    };
  });
}

/** The name of a stage that has none. */
export function defaultStageId(at: number): string {
  return `stage-${at + 1}`;
}

export function rawRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function rawList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
