import { isList, type ManifestShape } from '../model/manifests.ts';
import type { Label } from '../model/types.ts';
import { randomUUID, type World } from '../model/world.ts';

/** The labels of an image's configuration become labels of its manifest; one that holds JSON is marked so. */
export function labelsOf(world: World, manifest: Buffer, mediaType: string): Label[] {
  if (isList(mediaType)) return [];
  const { config } = JSON.parse(manifest.toString('utf8')) as ManifestShape;
  const content = config === undefined ? undefined : world.content.get(config.digest);
  return Object.entries(configLabels(content)).map(([key, value]) => ({
    id: randomUUID(),
    key,
    value,
    sourceType: 'manifest',
    mediaType: isJson(value) ? 'application/json' : 'text/plain',
  }));
}

function configLabels(content: Buffer | undefined): Record<string, string> {
  if (content === undefined) return {};
  try {
    const config = JSON.parse(content.toString('utf8')) as { config?: { Labels?: Record<string, string> | null } };
    return config.config?.Labels ?? {};
  } catch {
    return {};
  }
}

function isJson(value: string): boolean {
  if (!/^\s*[[{]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
