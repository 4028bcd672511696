import type { HttpAnswer } from '../http/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isTranshipError } from '../oci/errors.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { toMount } from './auth/access.ts';
import type { BlobPlace } from './blobs.ts';
import { lateSignal } from './late-signal.ts';
import { UploadSession } from './upload-session.ts';

/** Uploads that stand open because a mount became one; more are cancelled at once. */
const mostOpenUploads = 64;

/**
 * Mounts blobs into one repository. A registry that does not mount opens an upload instead (202), which is kept for the
 * push that follows. One that refuses in any other way is not asked again for that pair.
 */
export class Mounter implements AsyncDisposable {
  readonly #place: BlobPlace;
  readonly #refused = new Set<RepositoryName>();
  readonly #uploads = new Map<Digest, UploadSession>();

  constructor(place: BlobPlace) {
    this.#place = place;
  }

  async mount(blob: Descriptor, from: RepositoryName, options: CallOptions): Promise<boolean> {
    if (!this.#place.wire.abilities.now.mount || this.#refused.has(from)) return false;
    const answer = await this.#ask(blob, from, options);
    if (answer?.status === 201) return true;
    const target = answer?.status === 202 ? this.#place.wire.location(answer) : undefined;
    if (answer === undefined || target === undefined) this.#refused.add(from);
    else await this.#keep(blob.digest, new UploadSession(this.#place, target, answer));
    return false;
  }

  /** The upload that a mount of this blob became. Whoever takes it finishes or cancels it. */
  take(digest: Digest): UploadSession | undefined {
    const upload = this.#uploads.get(digest);
    this.#uploads.delete(digest);
    return upload;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const uploads = [...this.#uploads.values()];
    this.#uploads.clear();
    await Promise.all(uploads.map((upload) => upload[Symbol.asyncDispose]()));
  }

  /** A mount saves work but is never needed, so no failure of it fails a copy; only a cancelled run goes through. */
  async #ask(blob: Descriptor, from: RepositoryName, options: CallOptions): Promise<HttpAnswer | undefined> {
    const { wire, repository } = this.#place;
    const query = `mount=${encodeURIComponent(blob.digest)}&from=${encodeURIComponent(from)}`;
    using late = lateSignal(options.signal);
    try {
      return await wire.request({
        method: 'POST',
        to: `/v2/${repository}/blobs/uploads/?${query}`,
        access: toMount(repository, from),
        // It may become an upload, which is then to be cancelled.
        signal: late.signal,
      });
    } catch (error) {
      if (options.signal?.aborted || !isTranshipError(error)) throw error;
      return undefined;
    }
  }

  async #keep(digest: Digest, upload: UploadSession): Promise<void> {
    const spare = this.#uploads.has(digest) || this.#uploads.size >= mostOpenUploads;
    if (spare) await upload[Symbol.asyncDispose]();
    else this.#uploads.set(digest, upload);
  }
}
