import { createCipheriv, createHash } from 'node:crypto';

export type Algorithm = 'sha256' | 'sha512';
export const algorithms: readonly Algorithm[] = ['sha256', 'sha512'];

export const mediaTypes = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  plainLayer: 'application/vnd.oci.image.layer.v1.tar',
  zstdLayer: 'application/vnd.oci.image.layer.v1.tar+zstd',
  foreignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
  dockerImage: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

export interface Blob {
  readonly bytes: Buffer;
  readonly digest: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

/** A manifest as it is to be pushed, with everything that must be in the registry before it. */
export interface Manifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
  readonly blobs: readonly Blob[];
  readonly children: readonly Manifest[];
}

let counter = 0;

/** Bytes that no other case has, the same length each time. */
export function freshBytes(size: number, seed = `${process.pid}-${Date.now()}-${counter++}`): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

export function digestOf(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function blobOf(bytes: Buffer, algorithm: Algorithm = 'sha256'): Blob {
  return { bytes, digest: digestOf(bytes, algorithm) };
}

export function freshBlob(size = 1024, algorithm: Algorithm = 'sha256'): Blob {
  return blobOf(freshBytes(size), algorithm);
}

export const emptyObject = (algorithm: Algorithm = 'sha256'): Blob => blobOf(Buffer.from('{}'), algorithm);

export function descriptor(
  mediaType: string,
  content: Blob | Manifest,
  more: Record<string, unknown> = {},
): Descriptor {
  return { mediaType, digest: content.digest, size: content.bytes.byteLength, ...more };
}

export interface ManifestParts {
  readonly algorithm?: Algorithm;
  readonly blobs?: readonly Blob[];
  readonly children?: readonly Manifest[];
}

/** The manifest that a document or its very text stands for. */
export function manifestOf(mediaType: string, document: object | string, parts: ManifestParts = {}): Manifest {
  const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  return {
    mediaType,
    bytes,
    digest: digestOf(bytes, parts.algorithm ?? 'sha256'),
    blobs: parts.blobs ?? [],
    children: parts.children ?? [],
  };
}
