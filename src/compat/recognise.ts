import type { ForeignTool } from './reader.ts';
import { Include } from './yaml.ts';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Which tool a file was written for, told by its shape; `undefined` where it is tranship's own, or nobody's. The content alone
 * decides: names of files say nothing.
 */
export function recogniseRoot(root: Raw): ForeignTool | undefined {
  return tests.find(([, fits]) => fits(root))?.[0];
}

const tests: readonly (readonly [ForeignTool, (root: Raw) => boolean])[] = [
  ['run-reposync', isReposync],
  ['dregsy', isDregsy],
  ['regsync', isRegsync],
  ['image-syncer', isImageSyncer],
  ['skopeo', isSkopeo],
];

/** Tasks with two ends or with mappings; one of the words that nobody else has tells a task that lacks both. */
function isDregsy(root: Raw): boolean {
  const tasks = root['tasks'];
  if (!Array.isArray(tasks)) return 'relay' in root && 'tasks' in root;
  return (
    'relay' in root || tasks.some((task) => isMap(task) && (isMap(task['source']) || Array.isArray(task['mappings'])))
  );
}

function isRegsync(root: Raw): boolean {
  const sync = root['sync'];
  if (Array.isArray(sync) && sync.some((entry) => isMap(entry) && ('source' in entry || 'target' in entry)))
    return true;
  return Array.isArray(root['creds']) && ('sync' in root || 'defaults' in root);
}

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
  if (isMap(root['images']) && Object.keys(root).every((key) => key === 'images' || key === 'auth')) return true;
  const entries = Object.entries(root);
  return (
    entries.some(([key]) => key.includes('/')) && entries.every(([key, value]) => isReference(key) && isTarget(value))
  );
}

/** Not a path, an address, or a package of some language. */
function isReference(text: string): boolean {
  return /^[a-z0-9][^\s\\]*$/i.test(text) && !text.includes('://');
}

/** Nothing, one reference or several, each with the registry that it needs. */
function isTarget(value: unknown): boolean {
  const texts = Array.isArray(value) ? value : [value];
  return texts.every(
    (text) => text === null || text === '' || (typeof text === 'string' && isReference(text) && text.includes('/')),
  );
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

function isMap(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
