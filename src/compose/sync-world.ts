/** Joins registries and their listings to what a run sees of the world. */
import type { Difference } from '../compat/difference.ts';
import type { Config } from '../config/types.ts';
import type { SyncWorld } from '../execute/run/world.ts';
import type { RepositoryName } from '../oci/names.ts';
import { LayoutRegistry } from '../server/layout-registry.ts';
import { fromConfigFolder } from './configured.ts';
import { Listings } from './listings.ts';
import type { Session } from './session.ts';

/** The configuration as loaded, and the file that its paths are meant from. */
export interface Intent {
  readonly config: Config;
  /** How messages and reports name it; also the file that relative paths are meant from. */
  readonly file: string;
  /** Whose file it is, where it is another tool's. */
  readonly readAs?: string;
  /** Variables that stand for passwords which another tool's file holds in clear. */
  readonly variables?: Readonly<Record<string, string>>;
  /** In what another tool's file means something else here. */
  readonly differences?: readonly Difference[];
}

export interface SyncWorldOptions {
  /** Where secrets that the configuration names are looked up. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Keeps folders that stand for registries, until it is disposed of. Default: until the process ends. */
  readonly layouts?: AsyncDisposableStack;
}

/** The registries of a configuration. `session` must know the configuration's hosts (see `hostsOf`). */
export function openSyncWorld(
  session: Session,
  intent: Intent,
  { env = {}, layouts = new AsyncDisposableStack() }: SyncWorldOptions = {},
): SyncWorld {
  const listings = new Listings(session, { ...intent, env });
  const folders = new Map<string, LayoutRegistry>();
  for (const [name, { layout, host }] of Object.entries(intent.config.registries))
    if (layout !== undefined)
      folders.set(name, layouts.use(new LayoutRegistry(host, fromConfigFolder(intent.file, layout))));
  const open = (name: string, repository: RepositoryName) => {
    const folder = folders.get(name);
    if (folder !== undefined) return { place: folder.repository(repository) };
    return { place: listings.registry(name).repository(repository), lister: listings.tags(name, repository) };
  };
  return {
    source: open,
    destination: open,
    async *repositories(name, namespaces, options) {
      const folder = folders.get(name);
      if (folder !== undefined) return yield* folder.repositories();
      return yield* (await listings.of(name, options)).repositories(namespaces, options);
    },
    async createRepository(name, repository, wishes, options) {
      // A folder makes a repository when something is put into it.
      if (!folders.has(name)) await (await listings.of(name, options)).createRepository(repository, wishes, options);
    },
    async pullsLeft(name, options) {
      return folders.has(name) ? undefined : (await listings.of(name, options)).pullsLeft(options);
    },
  };
}
