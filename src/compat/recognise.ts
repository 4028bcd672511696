import type { ForeignTool } from './reader.ts';
import { Include, peekYaml } from './yaml.ts';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Which tool a file was written for, told by its shape; `undefined` where it is tranship's own, or nobody's. The text alone
 * decides: names of files say nothing.
 */
export function recognise(text: string): ForeignTool | undefined {
  const root = peekYaml(text);
  if (root === undefined) return undefined;
  return tests.find(([, fits]) => fits(root))?.[0];
}

const tests: readonly (readonly [ForeignTool, (root: Raw) => boolean])[] = [
  ['run-reposync', isReposync],
  [
    'dregsy',
    (root) => Array.isArray(root['tasks']) && root['tasks'].some((task) => isMap(task) && isMap(task['source'])),
  ],
  ['regsync', (root) => Array.isArray(root['sync']) && root['sync'].some((entry) => isMap(entry) && 'source' in entry)],
  ['image-syncer', isImageSyncer],
  ['skopeo', isSkopeo],
];

/** `from: {source: …}` and `destination:` are its words; tranship says `registry`. */
function isReposync(root: Raw): boolean {
  const registries = Object.values(isMap(root['registries']) ? root['registries'] : {});
  if (registries.some((one) => isMap(one) && ('env_user' in one || 'env_password' in one))) return true;
  const stages = root['stages'] instanceof Include ? [] : root['stages'];
  return (
    Array.isArray(stages) && stages.some((stage) => isMap(stage) && isMap(stage['from']) && 'source' in stage['from'])
  );
}

/** References on the left, references on the right. */
function isImageSyncer(root: Raw): boolean {
  if (isMap(root['images']) && isMap(root['auth'])) return true;
  const entries = Object.entries(root);
  return entries.length > 0 && entries.every(([key, value]) => key.includes('/') && isTextOrTexts(value));
}

/** Registries on the left, settings on the right, and images among them. */
function isSkopeo(root: Raw): boolean {
  const settings = Object.values(root);
  if (settings.length === 0 || !settings.every(isMap)) return false;
  return settings.some(
    (one) =>
      isMap(one) && (isMap(one['images']) || isMap(one['images-by-tag-regex']) || isMap(one['images-by-semver'])),
  );
}

function isTextOrTexts(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

function isMap(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
