import type { RepositoryName } from '../oci/names.ts';

/** The name under which docker's own login and every helper keep Docker Hub. */
const dockerHubServer = 'https://index.docker.io/v1/';

const dockerHubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

/**
 * The one spelling of a registry's host that keys and look-ups share: lower case, Docker Hub under one name, the HTTPS
 * port left out. Hosts are then compared whole; matching parts of names has sent credentials to strangers elsewhere.
 */
export function canonicalHost(host: string): string {
  const plain = host.toLowerCase().replace(/:443$/, '');
  return dockerHubNames.has(plain) ? 'docker.io' : plain;
}

/** A key of an auth file (`https://registry.example.com/v2/`, `registry.example.com/team`) as `host[/path]`. */
export function canonicalKey(key: string): string {
  const bare = key
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '');
  const slash = bare.indexOf('/');
  return slash < 0 ? canonicalHost(bare) : canonicalHost(bare.slice(0, slash)) + bare.slice(slash);
}

/** The keys that speak for a repository, the most specific first: `host/a/b`, `host/a`, `host`. */
export function candidateKeys(registry: string, repository: RepositoryName | undefined): readonly string[] {
  const host = canonicalHost(registry);
  const segments = repository === undefined ? [] : repository.split('/');
  const paths = segments.map((_, index) => `${host}/${segments.slice(0, segments.length - index).join('/')}`);
  return [...paths, host];
}

/** The server name that a credential helper expects. */
export function helperServer(registry: string): string {
  const host = canonicalHost(registry);
  return host === 'docker.io' ? dockerHubServer : host;
}

/** The key that `login` writes: Docker Hub under the name that docker itself looks for. */
export function loginKey(registry: string): string {
  return helperServer(registry);
}
