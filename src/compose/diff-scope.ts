import { parseReference } from '../oci/reference.ts';

/** How much a text stands for: everything below a registry or path, one repository or layout, or one image. */
export type DiffScope = 'many' | 'repository' | 'image';

/**
 * Tells by the form alone: a registry by itself or a path that ends in `/` stands for all below it, what ends in a tag or a
 * digest for an image, and everything else for a repository.
 */
export function scopeOf(text: string): DiffScope {
  const name = text.replace(/^(?:docker|https?):\/\//, '');
  const isLayout = /^oci(?:-archive)?:/.test(text);
  if (!isLayout && (name.endsWith('/') || isRegistry(name))) return 'many';
  const reference = parseReference(text);
  if (reference.digest !== undefined) return 'image';
  const tagged = reference.kind === 'layout' ? reference.tag !== undefined : /:[^/\]]+$/.test(name);
  return tagged ? 'image' : 'repository';
}

/** Without a `/`: `localhost`, a name with a dot, or anything with a port. `alpine:3.20` is an image of Docker Hub. */
function isRegistry(name: string): boolean {
  return /^(?:localhost|[^/:]*\.[^/:]*|\[[0-9a-f:]+\])(?::\d+)?$|^[^/:]+:\d{4,5}$/i.test(name);
}
