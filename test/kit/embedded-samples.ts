import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type DigestAlgorithm, digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/media-type.ts';
import { parseTagName, type TagName } from '../../src/oci/names.ts';
import type { BlobSource, ByteStream, ManifestContent } from '../../src/oci/ports.ts';

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  /** Files below it, with their paths, in order. */
  files(): Promise<readonly string[]>;
}

export async function tempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'tranship-test-'));
  return {
    path,
    files: async () => {
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
        .sort();
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export interface SampleBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

export function sampleBlob(content: string | Buffer, algorithm: DigestAlgorithm = 'sha256'): SampleBlob {
  const bytes = Buffer.from(content);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes, algorithm), size: bytes.length } };
}

export interface SampleManifest extends ManifestContent {
  readonly blobs: readonly SampleBlob[];
}

/** An image of a config and one layer, told apart by `name`. */
export function sampleImage(name: string, more: Record<string, unknown> = {}): SampleManifest {
  const config = sampleBlob(JSON.stringify({ name }));
  const layer = sampleBlob(`layer of ${name}`);
  const document = { config: { ...config.descriptor, mediaType: mediaTypes.ociConfig }, layers: [layer.descriptor] };
  return { ...sampleManifest(mediaTypes.ociManifest, { ...document, ...more }), blobs: [config, layer] };
}

export function sampleIndex(children: readonly ManifestContent[], more: Record<string, unknown> = {}): ManifestContent {
  const manifests = children.map(({ descriptor }) => descriptor);
  return sampleManifest(mediaTypes.ociIndex, { manifests, ...more });
}

function sampleManifest(mediaType: string, document: Record<string, unknown>): ManifestContent {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document }));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** Gives `bytes` in pieces. Counts how often it was opened. */
export function sourceOf(bytes: Buffer, piece = 7): BlobSource & { opened: number } {
  const source = {
    opened: 0,
    open: async (offset: number): Promise<ByteStream> => {
      source.opened++;
      return pieces(bytes.subarray(offset), piece);
    },
  };
  return source;
}

async function* pieces(bytes: Buffer, piece: number): AsyncGenerator<{ bytes: Uint8Array; release(): void }> {
  for (let at = 0; at < bytes.length; at += piece) {
    yield { bytes: bytes.subarray(at, at + piece), release: () => undefined };
  }
}

export async function readAll(stream: ByteStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of stream) {
    parts.push(Buffer.from(chunk.bytes));
    chunk.release();
  }
  return Buffer.concat(parts);
}

/** For what a test knows to be there. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

export function tag(text: string): TagName {
  const name = parseTagName(text);
  if (name === undefined) throw new Error(`${text} is no tag`);
  return name;
}
