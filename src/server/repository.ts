import { blobSize, readBlob, writeBytes } from '../layout/blob-files.ts';
import type { JournaledIndex } from '../layout/journaled-index.ts';
import { ReferrerIndex } from '../layout/referrer-index.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { largestManifest, type Manifest } from '../oci/manifest.ts';
import { isTagName, type RepositoryName, type TagName } from '../oci/names.ts';
import type { BlobPool } from './blob-pool.ts';

/** One repository on disk: an OCI image layout, whose blobs are links into the pool. */
export class StoredRepository {
  readonly name: RepositoryName;
  readonly dir: string;
  readonly #index: JournaledIndex;
  readonly #pool: BlobPool;
  readonly #relations: ReferrerIndex;

  constructor(name: RepositoryName, dir: string, index: JournaledIndex, pool: BlobPool) {
    this.name = name;
    this.dir = dir;
    this.#index = index;
    this.#pool = pool;
    this.#relations = new ReferrerIndex({ read: (digest, limit) => readBlob(dir, digest, limit) }, index.index);
  }

  /** In ASCII order. */
  tags(): readonly string[] {
    return this.#index.index.tags();
  }

  /** The manifest that a tag or digest names. Two entries of a foreign layout that claim one tag are as good as none. */
  async manifest(reference: TagName | Digest): Promise<Descriptor | undefined> {
    if (isTagName(reference)) {
      const found = this.#index.index.find(reference);
      return found === 'ambiguous' ? undefined : found?.descriptor;
    }
    const listed = this.#index.index.manifest(reference)?.descriptor;
    if (listed !== undefined) return listed;
    if ((await this.blobSize(reference)) === undefined) return undefined;
    return this.#relations.unlisted(reference);
  }

  async manifestBytes(digest: Digest): Promise<Buffer | undefined> {
    return readBlob(this.dir, digest, largestManifest);
  }

  /** Returns once everything is durable. */
  async putManifest(
    descriptor: Descriptor,
    manifest: Manifest,
    bytes: Uint8Array,
    tags: readonly TagName[],
  ): Promise<void> {
    await writeBytes(this.dir, descriptor.digest, bytes);
    const { mediaType, digest, size, artifactType } = descriptor;
    const entry = { mediaType, digest, size, ...(artifactType !== undefined && { artifactType }) };
    await this.#index.commit({ do: 'put', entry, names: tags });
    this.#relations.add(descriptor, manifest);
  }

  async deleteTag(tag: TagName): Promise<boolean> {
    if (this.#index.index.find(tag) === undefined) return false;
    await this.#index.commit({ do: 'untag', name: tag });
    return true;
  }

  async deleteManifest(digest: Digest): Promise<boolean> {
    if ((await this.manifest(digest)) === undefined) return false;
    await this.#index.commit({ do: 'drop', digest });
    this.#relations.remove(digest);
    await this.#pool.remove(digest, this.dir);
    return true;
  }

  /** Manifests whose subject is `digest`, ordered by digest. */
  referrers(digest: Digest): Promise<readonly Descriptor[]> {
    return this.#relations.of(digest);
  }

  blobSize(digest: Digest): Promise<number | undefined> {
    return blobSize(this.dir, digest);
  }

  deleteBlob(digest: Digest): Promise<boolean> {
    return this.#pool.remove(digest, this.dir);
  }

  /** Puts the index into `index.json`. */
  close(): Promise<void> {
    return this.#index.close();
  }
}
