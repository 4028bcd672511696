import { refuse } from './reference-refusal.ts';

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const grammar = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9a-f:.]*:[0-9a-f:.]*\\])$`);
const longestHost = 253;

/** The names that Docker Hub has gone by. */
const dockerHubAliases: ReadonlySet<string> = new Set([
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
]);

/**
 * Reads `host[:port]`, which begins at `at` in `text`. Lower case, because hosts are compared and credentials found by it.
 */
export function parseHost(text: string, host: string, at: number): string {
  const [, name = '', port] = /^(.*?)(?::([^:\]]*))?$/.exec(host.toLowerCase()) ?? [];
  if (name.length > longestHost || !grammar.test(name))
    throw refuse(text, at, 'a host name such as registry.example.com');
  if (port === undefined) return dockerHubAliases.has(name) ? 'docker.io' : name;
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) {
    throw refuse(text, at + name.length + 1, 'a port between 1 and 65535');
  }
  return `${name}:${port}`;
}
