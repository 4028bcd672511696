import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** Points to content: what it is, what it hashes to, how many bytes (image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes; a safe non-negative integer. */
  readonly size: number;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where a non-distributable layer says it can be had. Never fetched by default. */
  readonly urls?: readonly string[];
}
