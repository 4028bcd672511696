import type { Path } from './document.ts';
import type { LoadedConfig } from './load.ts';
import { formatPosition } from './mistake.ts';
import { builtIn } from './normalise.ts';
import { rawList, rawRecord } from './raw.ts';

/** One value of a configuration and what set it. */
export interface Origin {
  /** `stages[0].from.repository` */
  readonly path: string;
  /** As JSON; a secret shows only where it is read from. */
  readonly value: string;
  /** `tranship.yaml:4:7`, `tranship.yaml:20:3 (defaults)`, `built in`. */
  readonly origin: string;
}

/** Every value, in the order of the file; after each stage what it takes from `defaults` and what is built in. */
export function originsOf({ text }: LoadedConfig): readonly Origin[] {
  const root = rawRecord(text.value);
  const leaf = (value: unknown, path: Path, remark = ''): readonly Origin[] =>
    leavesOf(value, path).map((found) => ({
      path: formatPath(found.path),
      value: JSON.stringify(found.value),
      origin: formatPosition(text.valueAt(found.path)) + remark,
    }));
  const stages = rawList(root['stages']).flatMap((stage, at) => [
    ...leaf(stage, ['stages', at]),
    ...inherited(rawRecord(stage), rawRecord(root['defaults'])).flatMap(({ key, value, builtIn: isBuiltIn }) => {
      const path = formatPath(['stages', at, key]);
      if (isBuiltIn) return [{ path, value: JSON.stringify(value), origin: 'built in' }];
      return [
        { path, value: JSON.stringify(value), origin: `${formatPosition(text.valueAt(['defaults', key]))} (defaults)` },
      ];
    }),
  ]);
  return [...leaf(root['version'], ['version']), ...leaf(root['registries'], ['registries']), ...stages];
}

interface Inherited {
  readonly key: string;
  readonly value: unknown;
  readonly builtIn: boolean;
}

/** What a stage does not say itself. */
function inherited(
  stage: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
): readonly Inherited[] {
  const keys = [...new Set([...Object.keys(builtIn), ...Object.keys(defaults)])].filter(
    (key) => stage[key] === undefined,
  );
  return keys.map((key) => {
    const isBuiltIn = defaults[key] === undefined;
    return { key, value: isBuiltIn ? Reflect.get(builtIn, key) : defaults[key], builtIn: isBuiltIn };
  });
}

function leavesOf(value: unknown, path: Path): readonly { path: Path; value: unknown }[] {
  if (Array.isArray(value) && value.length > 0)
    return rawList(value).flatMap((item, at) => leavesOf(item, [...path, at]));
  const entries = Object.entries(rawRecord(value));
  if (entries.length > 0) return entries.flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  return [{ path, value: value ?? null }];
}

function formatPath(path: Path): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');
}
