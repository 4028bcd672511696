/**
 * The pieces that test images are made of. Everything is deterministic: the same call gives the same digest on every
 * machine, so a figure or a failure can be told to somebody else.
 */
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** Bytes by their digest. A large blob makes its bytes while it is read, so it needs no room. */
export interface TestBlob {
  readonly digest: string;
  readonly size: number;
  read(): Iterable<Buffer>;
}

export interface TestDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

export interface TestManifest {
  readonly bytes: Buffer;
  readonly descriptor: TestDescriptor;
}

export const mediaTypes = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  gzipLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstdLayer: 'application/vnd.oci.image.layer.v1.tar+zstd',
  plainLayer: 'application/vnd.oci.image.layer.v1.tar',
  foreignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  empty: 'application/vnd.oci.empty.v1+json',
  dockerImage: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function blobOf(bytes: Buffer): TestBlob {
  return { digest: sha256(bytes), size: bytes.length, read: () => [bytes] };
}

export function describe(blob: TestBlob, mediaType: string): TestDescriptor {
  return { mediaType, digest: blob.digest, size: blob.size };
}

/** A manifest of a document, or of text that is kept to the byte. */
export function manifestOf(mediaType: string, document: object | string): TestManifest {
  const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  return { bytes, descriptor: { mediaType, digest: sha256(bytes), size: bytes.length } };
}

const pieceSize = 1 << 20;

/** What the bytes of a gzip file begin with. Some programs compress a layer anew that does not look compressed to them. */
export const gzipStart = Buffer.from([0x1f, 0x8b, 0x08, 0x00]);

/** A blob of any size that stands nowhere: the same mebibyte over and over, each with its offset in front. */
export function repeatedBlob(size: number, seed: string, start = Buffer.alloc(0)): TestBlob {
  const piece = noise(Math.min(size, pieceSize), seed);
  const read = function* (): Generator<Buffer> {
    for (let done = 0; done < size; done += piece.length) {
      const next = Buffer.from(piece.subarray(0, Math.min(piece.length, size - done)));
      if (next.length >= 8) next.writeBigUInt64BE(BigInt(done));
      if (done === 0) start.copy(next);
      yield next;
    }
  };
  const hash = createHash('sha256');
  for (const bytes of read()) hash.update(bytes);
  return { digest: `sha256:${hash.digest('hex')}`, size, read };
}

/** Bytes that do not compress, the same for the same seed. */
export function noise(size: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: size }).update(seed).digest();
}

export interface TarEntry {
  readonly name: string;
  readonly type?: 'file' | 'directory' | 'symlink';
  readonly linkname?: string;
  readonly mode?: number;
  readonly content?: Buffer | string;
}

/** A layer as an uncompressed archive, its times all zero. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) {
    archive.entry({ mode: 0o755, mtime: new Date(0), ...header }, Buffer.from(content));
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export interface Layer {
  readonly blob: TestBlob;
  readonly descriptor: TestDescriptor;
  /** Digest of the uncompressed archive, as an image's configuration wants it. */
  readonly diffId: string;
}

export type Compression = 'gzip' | 'zstd' | 'none';

const compressions = {
  gzip: { mediaType: mediaTypes.gzipLayer, compress: (bytes: Buffer) => gzipSync(bytes, { level: 6 }) },
  zstd: { mediaType: mediaTypes.zstdLayer, compress: (bytes: Buffer) => zstdCompressSync(bytes) },
  none: { mediaType: mediaTypes.plainLayer, compress: (bytes: Buffer) => bytes },
} as const;

export function layerOf(archive: Buffer, how: Compression = 'gzip', mediaType?: string): Layer {
  const blob = blobOf(compressions[how].compress(archive));
  return { blob, descriptor: describe(blob, mediaType ?? compressions[how].mediaType), diffId: sha256(archive) };
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export function configOf(platform: Platform, layers: readonly Layer[], more: object = {}): TestBlob {
  const document = {
    created: '1970-01-01T00:00:00Z',
    ...platform,
    config: { Env: ['PATH=/bin'], ...more },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'tranship test corpus' })),
  };
  return blobOf(Buffer.from(JSON.stringify(document)));
}
