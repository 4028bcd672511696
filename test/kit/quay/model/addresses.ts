import type { World } from './world.ts';

/**
 * Quay's guard against being sent to addresses of its own network: what is wrong with reading from `location`
 * (`host[:port][/path]`), or `undefined`.
 */
export function addressProblem(world: World, location: string, refusal: string): string | undefined {
  const host = hostOf(location);
  if (host === '') return 'URL must include a hostname';
  if (location.includes('://')) return `Cannot resolve hostname '${location.slice(0, location.indexOf('://'))}'`;
  if (!world.settings.resolvable(host)) return `Cannot resolve hostname '${host}'`;
  return isAllowed(world, host) ? undefined : refusal;
}

/** Whether mirrors may read from `host`: public names, and what is listed as allowed. */
function isAllowed(world: World, host: string): boolean {
  const { allowedHosts } = world.settings;
  if (allowedHosts === undefined) return !isPrivate(host) || isLoopback(host);
  return !isPrivate(host) || allowedHosts.includes(host);
}

export function hostOf(location: string): string {
  const authority = location.split('/')[0] ?? '';
  return authority.replace(/:\d+$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.startsWith('127.') || host === '[::1]';
}

function isPrivate(host: string): boolean {
  return isLoopback(host) || /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.)/.test(host);
}

/** What is wrong with the source of a mirror, `host[:port]/namespace/repository`. */
export function referenceProblem(world: World, reference: string): string | undefined {
  if (reference === '') return 'External registry reference is required';
  if (reference.includes('://')) return 'External registry reference must not include a URL scheme';
  if (!reference.includes('/')) return 'External registry reference must include a repository path';
  return addressProblem(world, reference, 'The provided registry location is not allowed');
}
