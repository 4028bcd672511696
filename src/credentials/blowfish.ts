import { fractionOfPi } from './pi.ts';

const subkeys = 18;
const boxWords = 4 * 256;

/** Blowfish's tables are the digits of π. They take a moment to work out, so it is done once, when first needed. */
let initial: Uint32Array | undefined;

/** The Blowfish cipher with the key schedule that bcrypt expands over and over (Provos and Mazières, 1999). */
export class Blowfish {
  readonly #p: Uint32Array;
  readonly #s: Uint32Array;
  /** The two halves of the block that was enciphered last. */
  readonly #block = new Uint32Array(2);

  constructor() {
    initial ??= wordsOfPi(subkeys + boxWords);
    this.#p = initial.slice(0, subkeys);
    this.#s = initial.slice(subkeys);
  }

  /** Mixes `key` into the subkeys, then replaces all tables by what they encipher, salted. */
  expand(key: Uint8Array, salt?: Uint8Array): void {
    const keyWords = cyclicWords(key);
    for (let i = 0; i < subkeys; i += 1) this.#p[i] = (this.#p[i] ?? 0) ^ keyWords();
    const saltWords = salt === undefined ? () => 0 : cyclicWords(salt);
    this.#block.fill(0);
    this.#replace(this.#p, saltWords);
    this.#replace(this.#s, saltWords);
  }

  /** Enciphers pairs of words in place. */
  encipher(words: Uint32Array): void {
    for (let i = 0; i < words.length; i += 2) {
      this.#block[0] = words[i] ?? 0;
      this.#block[1] = words[i + 1] ?? 0;
      this.#encipherBlock();
      words.set(this.#block, i);
    }
  }

  #replace(table: Uint32Array, saltWords: () => number): void {
    const block = this.#block;
    for (let i = 0; i < table.length; i += 2) {
      block[0] = (block[0] ?? 0) ^ saltWords();
      block[1] = (block[1] ?? 0) ^ saltWords();
      this.#encipherBlock();
      table[i] = block[0] ?? 0;
      table[i + 1] = block[1] ?? 0;
    }
  }

  #encipherBlock(): void {
    const [p, s, block] = [this.#p, this.#s, this.#block];
    let left = (block[0] ?? 0) ^ (p[0] ?? 0);
    let right = block[1] ?? 0;
    for (let round = 1; round <= 16; round += 1) {
      const a = s[left >>> 24] ?? 0;
      const b = s[256 + ((left >>> 16) & 255)] ?? 0;
      const c = s[512 + ((left >>> 8) & 255)] ?? 0;
      const d = s[768 + (left & 255)] ?? 0;
      const next = right ^ ((((a + b) ^ c) + d) | 0) ^ (p[round] ?? 0);
      right = left;
      left = next;
    }
    block[0] = right ^ (p[17] ?? 0);
    block[1] = left;
  }
}

function wordsOfPi(count: number): Uint32Array {
  const hex = fractionOfPi(count * 32)
    .toString(16)
    .padStart(count * 8, '0');
  return Uint32Array.from({ length: count }, (_, index) => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16));
}

/** Big-endian words out of bytes that begin again at their end. */
function cyclicWords(bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    let word = 0;
    for (let i = 0; i < 4; i += 1) {
      word = (word << 8) | (bytes[at] ?? 0);
      at = (at + 1) % bytes.length;
    }
    return word;
  };
}
