import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '../oci/digest.ts';

/** Snapshots kept of one blob's hash at most. */
const mostMarks = 64;
const shortestStep = 16 * 1024 * 1024;

/** The states of a blob's hash along the way, so that a read which broke can go on near where it was. */
export class HashTrail {
  readonly #algorithm: DigestAlgorithm;
  readonly #step: number;
  readonly #marks: { readonly offset: number; readonly hash: Hash }[] = [];
  #next: number;

  constructor(algorithm: DigestAlgorithm, size: number) {
    this.#algorithm = algorithm;
    this.#step = Math.max(shortestStep, Math.ceil(size / mostMarks));
    this.#next = this.#step;
  }

  /** Keeps the state of `hash`, which has taken in the first `offset` bytes, where a step is completed for the first time. */
  mark(offset: number, hash: Hash): void {
    if (offset < this.#next) return;
    this.#next = offset + this.#step;
    this.#marks.push({ offset, hash: hash.copy() });
  }

  /** A hash to go on with, and how many bytes it has taken in: as many as possible, and no more than `offset`. */
  nearest(offset: number): { readonly offset: number; readonly hash: Hash } {
    const mark = this.#marks.findLast((candidate) => candidate.offset <= offset);
    return mark ? { offset: mark.offset, hash: mark.hash.copy() } : { offset: 0, hash: createHash(this.#algorithm) };
  }

  /** After wrong bytes: no state can be trusted. */
  forget(): void {
    this.#marks.length = 0;
    this.#next = this.#step;
  }
}
