import { timingSafeEqual } from 'node:crypto';
import { Blowfish } from './blowfish.ts';

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const grammar = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
const magic = 'OrpheanBeholderScryDoubt';

/** Each step doubles the time: 10 takes a tenth of a second here. More than this would stop everything else. */
const highestCost = 14;

/** Whether this is a bcrypt hash that can be checked here. */
export function isBcrypt(hash: string): boolean {
  const cost = Number(grammar.exec(hash)?.[1]);
  return cost >= 4 && cost <= highestCost;
}

/** Whether `hash` was made from `password`. Takes the whole time in either case. */
export function matchesBcrypt(password: string, hash: string): boolean {
  const [, cost = '', salt = '', expected = ''] = grammar.exec(hash) ?? [];
  if (!isBcrypt(hash)) return false;
  const made = bcrypt(password, decode(salt, 16), Number(cost));
  return timingSafeEqual(Buffer.from(encode(made)), Buffer.from(expected));
}

function bcrypt(password: string, salt: Uint8Array, cost: number): Uint8Array {
  const key = Buffer.from(`${password}\0`, 'utf8').subarray(0, 72);
  const cipher = new Blowfish();
  cipher.expand(key, salt);
  for (let round = 0; round < 2 ** cost; round += 1) {
    cipher.expand(key);
    cipher.expand(salt);
  }
  const text = Buffer.from(magic, 'latin1');
  const words = Uint32Array.from({ length: 6 }, (_, index) => text.readUInt32BE(index * 4));
  for (let round = 0; round < 64; round += 1) cipher.encipher(words);
  for (const [index, word] of words.entries()) text.writeUInt32BE(word, index * 4);
  // The reference leaves the last byte out, and so does everybody since.
  return text.subarray(0, 23);
}

/** bcrypt's own base64: another alphabet, no padding. */
function encode(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const letters = Math.min(bytes.length - i, 3) + 1;
    for (let letter = 0; letter < letters; letter += 1) text += alphabet[(group >> (18 - 6 * letter)) & 63];
  }
  return text;
}

function decode(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    bits = (bits << 6) | alphabet.indexOf(letter);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (at < length) bytes[at] = (bits >> held) & 255;
    at += 1;
  }
  return bytes;
}
