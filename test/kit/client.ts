import { createHttp, type HttpOptions } from '../../src/http/client.ts';
import type { Clock } from '../../src/kit/clock.ts';
import { Secret } from '../../src/kit/secret.ts';
import type { Credential, CredentialSource } from '../../src/oci/credential.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { parseRepositoryName, parseTagName, type RepositoryName, type TagName } from '../../src/oci/names.ts';
import type { BlobSource, ByteStream, ManifestContent } from '../../src/oci/ports.ts';
import { openRegistry, type Registry, type RegistryOptions } from '../../src/registry/registry.ts';
import type { Event } from '../../src/report/events.ts';

/** A registry client as tests need it: nothing of the environment, hurried clock, events kept. */
export interface TestClient extends AsyncDisposable {
  readonly registry: Registry;
  readonly events: readonly Event[];
  readonly warnings: readonly string[];
  readonly clock: HurriedClock;
}

export function openTestClient(host: string, options: TestClientOptions = {}): TestClient {
  const clock = options.clock ?? new HurriedClock();
  const events: Event[] = [];
  const http = createHttp({
    settings: () => ({}),
    env: {},
    userAgent: 'tranship/test',
    certificateFolders: [],
    clock,
    random: () => 0.5,
    ...options.http,
  });
  const registry = openRegistry({
    host,
    http,
    clock,
    credentials: options.credentials ?? anonymous,
    emit: (event) => events.push(event),
    ...options.registry,
  });
  return {
    registry,
    events,
    clock,
    get warnings() {
      return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    },
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await http.close();
    },
  };
}

export interface TestClientOptions {
  readonly clock?: HurriedClock;
  readonly credentials?: CredentialSource;
  readonly http?: Partial<HttpOptions>;
  readonly registry?: Partial<RegistryOptions>;
}

/** Waits take no time, but the clock shows them: so a test need not sleep and can still say how long was waited. */
export class HurriedClock implements Clock {
  #skipped = 0;
  readonly waits: number[] = [];

  now(): number {
    return performance.now() + this.#skipped;
  }

  wall(): number {
    return Date.now() + this.#skipped;
  }

  async sleep(milliseconds: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(milliseconds);
    this.skip(milliseconds);
    await new Promise(setImmediate);
    signal?.throwIfAborted();
  }

  skip(milliseconds: number): void {
    this.#skipped += milliseconds;
  }
}

export const anonymous: CredentialSource = { find: async () => undefined };

export function withPassword(username: string, password: string): CredentialSource {
  return withCredential({ kind: 'basic', username, password: new Secret(password) });
}

export function withCredential(credential: Credential): CredentialSource {
  return { find: async () => ({ credential, origin: 'the test' }) };
}

export function repositoryName(text: string): RepositoryName {
  const name = parseRepositoryName(text);
  if (name === undefined) throw new Error(`${text} is no repository name`);
  return name;
}

export function tagName(text: string): TagName {
  const name = parseTagName(text);
  if (name === undefined) throw new Error(`${text} is no tag`);
  return name;
}

export function blobOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Descriptor {
  return { mediaType: 'application/octet-stream', digest: digestOf(bytes, algorithm), size: bytes.length };
}

export function manifestOf(
  document: object,
  mediaType = 'application/vnd.oci.image.manifest.v1+json',
): ManifestContent {
  const bytes = Buffer.from(JSON.stringify(document));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

export interface CountedSource extends BlobSource {
  readonly offsets: readonly number[];
  /** Chunks given out and not released. */
  readonly held: number;
}

/** A source over bytes in memory that notes at which offsets it was opened. */
export function sourceOf(bytes: Uint8Array, chunkSize = 65_536): CountedSource {
  const offsets: number[] = [];
  let held = 0;
  return {
    offsets,
    get held() {
      return held;
    },
    async open(offset) {
      offsets.push(offset);
      return (async function* () {
        for (let at = offset; at < bytes.length; at += chunkSize) {
          held++;
          yield { bytes: bytes.subarray(at, at + chunkSize), release: () => void held-- };
        }
      })();
    },
  };
}

export async function readAll(stream: ByteStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of stream) {
    parts.push(Buffer.from(chunk.bytes));
    chunk.release();
  }
  return Buffer.concat(parts);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Bytes that are the same each time and hardly compress. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
