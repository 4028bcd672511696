import { createHash, type Hash } from 'node:crypto';

declare const brand: unique symbol;

/** `sha256:` + 64 or `sha512:` + 128 lower-case hex digits. Only {@link parseDigest} and {@link digestOf} make one. */
export type Digest = string & { readonly [brand]: 'Digest' };

export type DigestAlgorithm = 'sha256' | 'sha512';

const grammar = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * Whether `text` is a digest that this program can verify.
 *
 * The pattern is exact, because a digest from a server ends up in URLs and file names (CVE-2024-3727): no other
 * algorithm, no upper case, nothing before or after.
 */
export function isDigest(text: string): text is Digest {
  return grammar.test(text);
}

/** The digest that `text` spells, or `undefined`. */
export function parseDigest(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

/** The digest of `bytes`. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return digestFromHash(createHash(algorithm).update(bytes), algorithm);
}

/** Finishes `hash`, which must have been made for `algorithm`. */
export function digestFromHash(hash: Hash, algorithm: DigestAlgorithm): Digest {
  return `${algorithm}:${hash.digest('hex')}` as Digest;
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512';
}

/** The hex digits behind the colon. */
export function encodedOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** `sha256:0123456789ab…`, for a person's eyes. */
export function shortDigest(digest: Digest): string {
  return `${algorithmOf(digest)}:${encodedOf(digest).slice(0, 12)}…`;
}
