import { isGlob } from '../kit/pattern.ts';
import type { NativeStage } from './native.ts';

/**
 * The stages without named tags that an earlier one brings to the same place: other tools copy them twice, which changes nothing, and
 * `tranship.yaml` takes it for a mistake.
 */
export function withoutRepeats(stages: readonly NativeStage[]): readonly NativeStage[] {
  const brought = new Map<string, Set<string>>();
  return stages.flatMap((stage) => {
    const tags = namedTags(stage);
    const [to, ...others] = stage.to;
    if (tags === undefined || to === undefined || others.length > 0 || to.tag !== undefined) return [stage];
    const route = JSON.stringify([stage.from, to.registry, to.repository]);
    const known = brought.get(route) ?? new Set();
    const fresh = tags.filter((tag) => !known.has(tag));
    brought.set(route, known.union(new Set(tags)));
    if (fresh.length === tags.length) return [stage];
    return fresh.length === 0 ? [] : [{ ...stage, tags: fresh }];
  });
}

/** The tags of a stage that names nothing else. */
function namedTags({ tags }: NativeStage): readonly string[] | undefined {
  const rules = tags === undefined ? [] : 'include' in tags && tags.exclude === undefined ? (tags.include ?? []) : tags;
  if (!Array.isArray(rules) || rules.length === 0) return undefined;
  const names = rules.filter(
    (rule): rule is string => typeof rule === 'string' && !isGlob(rule) && !rule.includes('@'),
  );
  return names.length === rules.length ? [...new Set(names)] : undefined;
}
