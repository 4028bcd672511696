/** Joins registries and their listings to what a run sees of the world. */
import type { Config } from '../config/types.ts';
import type { SyncWorld } from '../execute/run/world.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { Registry } from '../registry/registry.ts';
import { registryUse } from './configured.ts';
import type { Session } from './session.ts';

/** The configuration as loaded, and the file that its paths are meant from. */
export interface Intent {
  readonly config: Config;
  /** How messages and reports name it; also the file that relative paths are meant from. */
  readonly file: string;
}

/** The registries of a configuration. `session` must know the configuration's hosts (see `hostsOf`). */
export function openSyncWorld(session: Session, { config, file }: Intent): SyncWorld {
  const registry = (name: string): Registry => session.openRegistry(registryUse(name, config, file));
  return {
    source: (name, repository) => ({ place: registry(name).repository(repository) }),
    destination: (name, repository) => ({ place: registry(name).repository(repository) }),
    repositories: (name, namespaces, options) => catalogue(registry(name), namespaces, options),
    // Registries without an API of their own make a repository at the first push.
    createRepository: () => Promise.resolve(),
  };
}

async function* catalogue(
  registry: Registry,
  namespaces: readonly string[] | undefined,
  options: CallOptions = {},
): AsyncGenerator<RepositoryName> {
  for await (const name of registry.listRepositories(options)) {
    if (namespaces?.some((namespace) => name.startsWith(`${namespace}/`)) ?? true) yield name;
  }
}
