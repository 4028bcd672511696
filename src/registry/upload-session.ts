import type { HttpAnswer } from '../http/types.ts';
import type { Digest } from '../oci/digest.ts';
import type { CallOptions } from '../oci/ports.ts';
import { toWrite } from './auth/access.ts';
import type { BlobCursor } from './blob-cursor.ts';
import type { BlobPlace } from './blobs.ts';
import { lateSignal } from './late-signal.ts';
import type { Target, UploadAnswer } from './wire.ts';

const cancelTimeoutMs = 2000;
const mostCancels = 5;
const cancelPauseMs = 50;
const baseCommitTimeoutMs = 60_000;
const commitTimeoutMsPerGigabyte = 20_000;
/** A token that ends sooner may not outlive the commit; it is renewed before. */
const commitTokenLifeMs = 30_000;

/**
 * One upload at a registry, from the `Location` that opened it. Unless it was finished it is cancelled when disposed of,
 * because a registry keeps abandoned uploads, and pays for them, for days.
 */
export class UploadSession implements AsyncDisposable {
  readonly #place: BlobPlace;
  #target: Target;
  #open = true;
  /** Bytes of the last request that went out: a blob that did not go out whole need not be looked for. */
  sent = 0;
  /** Bytes that a chunk must have at least, where the registry says so (`OCI-Chunk-Min-Length`). */
  readonly leastChunk: number;
  /**
   * A broken connection leaves the upload where nothing reaches it any more, not even DELETE: distribution 2 refuses every
   * request whose `_state` knows another size than its file has. Distribution 3, which numbers uploads by UUID 7, tells the size.
   */
  readonly losesCount: boolean;

  constructor(place: BlobPlace, target: Target, opened: HttpAnswer) {
    this.#place = place;
    this.#target = target;
    const least = Number(opened.headers.get('oci-chunk-min-length') ?? 0);
    const uuid = opened.headers.get('docker-upload-uuid') ?? '';
    this.losesCount = target.url.searchParams.has('_state') && /^[0-9a-f]{8}-[0-9a-f]{4}-4/i.test(uuid);
    this.leastChunk = Number.isSafeInteger(least) && least > 0 ? least : 0;
  }

  /**
   * The whole blob in the request that finishes the upload. Where a broken upload cannot be deleted, a stopped run has a little time to
   * send the rest of it: it is small, and ended early it would be refused and stay just the same.
   */
  putWhole(digest: Digest, size: number, blob: BlobCursor, options: CallOptions): Promise<UploadAnswer> {
    const part = { from: 0, to: size, headTimeoutMs: commitTimeout(size) };
    return this.#send('PUT', this.#finishing(digest), part, blob, options);
  }

  /** Bytes `from` to `to` (exclusive). `ranged` says which they are: needed for all but a first and only part. */
  async patch(part: RangedPart, blob: BlobCursor, options: CallOptions): Promise<UploadAnswer> {
    const answer = part.ranged
      ? await this.#send('PATCH', this.#target, part, blob, options)
      : await this.#patchFirst(part, blob, options);
    if (answer.status >= 200 && answer.status < 300) this.#follow(answer);
    return answer;
  }

  /**
   * Ends the upload. Without a body, so a refused token can be renewed and the request sent again. A stopped run waits a little for the
   * answer: who leaves in the middle of a commit does not know what to clean up.
   */
  async commit(digest: Digest, size: number, options: CallOptions): Promise<HttpAnswer> {
    using late = lateSignal(options.signal);
    return await this.#place.wire.request({
      method: 'PUT',
      to: this.#finishing(digest),
      access: toWrite(this.#place.repository),
      minimumLifeMs: commitTokenLifeMs,
      headTimeoutMs: commitTimeout(size),
      retry: 'never',
      signal: late.signal,
    });
  }

  /**
   * How many bytes the registry says it has: 0 for none or one, which are both written `0-0`. `undefined` where the session is dead
   * or the answer is not to be trusted: more than was sent, or Quay's form, whose number means another thing than the
   * specification's.
   */
  async probe(sent: number, options: CallOptions): Promise<number | undefined> {
    const answer = await this.#place.wire.request({
      method: 'GET',
      to: this.#target,
      access: toWrite(this.#place.repository),
      ...options,
    });
    if (answer.status !== 204) return undefined;
    const last = /^0-(\d+)$/.exec(answer.headers.get('range')?.trim() ?? '')?.[1];
    if (last === undefined) return undefined;
    this.#follow(answer);
    const received = last === '0' ? 0 : Number(last) + 1;
    return received <= sent ? received : undefined;
  }

  /** The upload is finished, or the registry said that it is gone. */
  finished(): void {
    this.#open = false;
  }

  /** Tells the registry to forget the upload. Best effort: whatever goes wrong, the upload was worthless already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    try {
      await this.#cancel(AbortSignal.timeout(cancelTimeoutMs));
    } catch {
      // Nobody waits for this upload any more, and the registry drops it some day by itself.
    }
  }

  /**
   * After a broken connection a registry may still be taking what came, and refuses to delete an upload of another size than
   * our `Location` knows (distribution 3: 416): it is asked where the upload stands, and told again.
   */
  async #cancel(signal: AbortSignal): Promise<void> {
    const { wire, repository } = this.#place;
    for (let tries = 1; ; tries++) {
      const ask = { access: toWrite(repository), signal };
      const deleted = await wire.request({ method: 'DELETE', to: this.#target, ...ask });
      if (deleted.status !== 416 || tries >= mostCancels) return;
      await wire.clock.sleep(cancelPauseMs * tries, { signal });
      const status = await wire.request({ method: 'GET', to: this.#target, ...ask });
      if (status.status === 204) this.#follow(status);
    }
  }

  /**
   * A first and only part. Where a broken connection would leave the upload out of reach, a stopped run ends the body instead,
   * and the answer names the state in which the upload can be deleted.
   */
  async #patchFirst(part: Part, blob: BlobCursor, options: CallOptions): Promise<UploadAnswer> {
    if (!this.losesCount) return this.#send('PATCH', this.#target, part, blob, options);
    using late = lateSignal(options.signal);
    const endEarly = options.signal ?? late.signal;
    const answer = await this.#send('PATCH', this.#target, part, blob, { signal: late.signal, endEarly });
    if (this.sent === part.to - part.from) return answer;
    this.#follow(answer);
    if (blob.failure) throw blob.failure;
    options.signal?.throwIfAborted();
    return answer;
  }

  #send(
    method: 'PUT' | 'PATCH',
    to: Target,
    part: SentPart,
    blob: BlobCursor,
    options: UploadingOptions,
  ): Promise<UploadAnswer> {
    const { from, to: end, ranged, headTimeoutMs } = part;
    this.sent = 0;
    return this.#place.wire.upload({
      method,
      to,
      access: toWrite(this.#place.repository),
      headers: {
        'content-type': 'application/octet-stream',
        ...(ranged && { 'content-range': `${from}-${end - 1}` }),
      },
      contentLength: end - from,
      open: () => blob.open(from, end - from),
      onProgress: (bytes) => {
        this.sent = bytes;
      },
      ...(headTimeoutMs !== undefined && { headTimeoutMs }),
      ...options,
    });
  }

  /** The next request goes where the last answer said; its query may hold the registry's state and is kept as it is. */
  #follow(answer: HttpAnswer): void {
    this.#target = this.#place.wire.location(answer) ?? this.#target;
  }

  #finishing(digest: Digest): Target {
    const url = new URL(this.#target.url);
    url.search += `${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
    return { ...this.#target, url };
  }
}

export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface RangedPart extends Part {
  readonly ranged: boolean;
}

interface SentPart extends Part {
  readonly ranged?: boolean;
  readonly headTimeoutMs?: number;
}

interface UploadingOptions extends CallOptions {
  readonly endEarly?: AbortSignal;
}

/** A registry may need seconds for each gigabyte that it moves to its place before it answers. */
function commitTimeout(size: number): number {
  return baseCommitTimeoutMs + (size / 1e9) * commitTimeoutMsPerGigabyte;
}
