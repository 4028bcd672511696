/** What a run over a pair of Quays sees: repositories by the registry protocol, tags with all their marks by Quay's API. */
import { join } from 'node:path';
import type { SyncPlace, SyncWorld } from '../../execute/run/world.ts';
import { type Layout, openLayout } from '../../layout/layout.ts';
import { isDigest } from '../../oci/digest.ts';
import { isTagName, type RepositoryName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { BulkLister, ListedTag } from '../../plan/observe.ts';
import { tagsOf } from '../../quay/pages.ts';
import type { Tag } from '../../quay/replies.ts';
import { CachedSource } from './cached-source.ts';
import type { OpenSide, QuayPair } from './pair.ts';

export interface PairWorldOptions {
  /** Whether a destination is known to lack a repository, so that it need not be asked. */
  readonly lacks: (side: OpenSide, repository: string) => boolean;
  /** A folder of OCI layouts, one for each repository, kept between runs. */
  readonly cacheFolder?: string | undefined;
}

export interface PairWorld extends SyncWorld {
  /** The tags of a repository as they were listed last, by name; none where they were not listed. */
  seen(side: OpenSide, repository: string): ReadonlyMap<string, Tag>;
  /** Lists anew. */
  look(side: OpenSide, repository: string, options: CallOptions): Promise<ReadonlyMap<string, Tag>>;
}

export function openPairWorld(pair: QuayPair, { lacks, cacheFolder }: PairWorldOptions): PairWorld {
  const sides = new Map([pair.source, ...pair.destinations].map((side) => [side.name, side]));
  const listed = new Map<string, ReadonlyMap<string, Tag>>();
  const layouts = new Map<string, Promise<Layout>>();

  const sideOf = (name: string): OpenSide => {
    const side = sides.get(name);
    if (side === undefined) throw new Error(`${name} is no side of the pair`);
    return side;
  };
  const look = async (side: OpenSide, repository: string, { signal }: CallOptions) => {
    const tags = new Map<string, Tag>();
    for await (const tag of tagsOf(side.connection.quay, repository, { signal })) {
      if (!tags.has(tag.name)) tags.set(tag.name, tag);
    }
    listed.set(keyOf(side, repository), tags);
    return tags;
  };
  const listerOf = (side: OpenSide, repository: string): BulkLister => ({
    isCertain: true,
    async *listTagsCheaply(options = {}) {
      if (side !== pair.source && lacks(side, repository)) return;
      for (const tag of (await look(side, repository, options)).values()) yield* listedTag(tag);
    },
  });
  const repositoryOf = (side: OpenSide, repository: RepositoryName) =>
    pair.sync.session.openRegistry({ host: side.host }).repository(repository);
  const layoutOf = (folder: string, repository: string) => {
    const path = join(folder, pair.source.host.replace(':', '_'), encodeURIComponent(repository));
    const opened = layouts.get(path) ?? openLayout(path, { mode: 'create' });
    layouts.set(path, opened);
    return opened;
  };

  return {
    source(name, repository): SyncPlace<CachedSource | ReturnType<typeof repositoryOf>> {
      const side = sideOf(name);
      const place = repositoryOf(side, repository);
      const lister = listerOf(side, repository);
      if (cacheFolder === undefined) return { place, lister };
      return { place: new CachedSource(place, () => layoutOf(cacheFolder, repository)), lister };
    },
    destination(name, repository) {
      const side = sideOf(name);
      return { place: repositoryOf(side, repository), lister: listerOf(side, repository) };
    },
    repositories: () => {
      throw new Error('the repositories of a pair are found before its run');
    },
    createRepository: () => Promise.resolve(),
    seen: (side, repository) => listed.get(keyOf(side, repository)) ?? new Map(),
    look,
  };
}

function keyOf({ name }: OpenSide, repository: string): string {
  return `${name} ${repository}`;
}

/** What is no tag or digest of the distribution specification cannot be asked of a registry. */
function* listedTag({ name, manifest_digest, size }: Tag): Generator<ListedTag> {
  if (!isTagName(name) || !isDigest(manifest_digest)) return;
  yield { tag: name, digest: manifest_digest, ...(typeof size === 'number' && { size }) };
}
