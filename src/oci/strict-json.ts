import { TranshipError } from './errors.ts';

/** Objects and arrays inside each other. Manifests need about six. */
export const deepestJson = 64;

/**
 * Reads a JSON document that every reader must understand in the same way.
 *
 * `JSON.parse` keeps the last of two equal keys and rounds large integers, other parsers keep the first or fail: so one
 * document could be two images (CVE-2021-41190). Refused with `E_JSON`: duplicate keys, integers beyond 2^53, numbers beyond
 * a double, a byte order mark, invalid UTF-8, and nesting deeper than {@link deepestJson}.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  if (text.length > harmless) refuseDeep(text);
  const value = parse(text);
  scan(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw refusal('it begins with a byte order mark');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refusal('it is not valid UTF-8', cause);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal('it is not JSON', cause);
  }
}

/** A document so short takes little memory however deep it is. */
const harmless = 64 * 1024;

/** Before it is parsed: a document of nothing but brackets takes sixty times its size. Its grammar is not known to be right yet. */
function refuseDeep(text: string): void {
  const marks = /["[\]{}]/g;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') marks.lastIndex = endOfString(text, mark.index) + 1;
    else depth += mark[0] === '[' || mark[0] === '{' ? 1 : -1;
    if (depth > deepestJson) throw tooDeep();
  }
}

/** One pass over text whose grammar is known to be right, so each token is told by its first character. */
function scan(text: string): void {
  const keys: (Set<string> | undefined)[] = [];
  let expectKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        expectKey = text[at] === '{';
        keys.push(expectKey ? new Set() : undefined);
        if (keys.length > deepestJson) throw tooDeep();
        break;
      case '}':
      case ']':
        keys.pop();
        break;
      case ',':
        expectKey = keys.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (expectKey) note(keys.at(-1), text.slice(at, end + 1), at);
        expectKey = false;
        at = end;
        break;
      }
      case '-':
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9':
        at = checkNumber(text, at) - 1;
        break;
    }
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function note(keys: Set<string> | undefined, quoted: string, at: number): void {
  const key = JSON.parse(quoted) as string;
  if (keys?.has(key)) throw refusal(`the key ${JSON.stringify(key)} stands twice (character ${at + 1})`);
  keys?.add(key);
}

const number = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

function checkNumber(text: string, at: number): number {
  number.lastIndex = at;
  const found = number.exec(text)?.[0] ?? '';
  const value = Number(found);
  const integer = Number.isInteger(value);
  if (!Number.isFinite(value) || (integer && !Number.isSafeInteger(value))) {
    throw refusal(`the number ${found.slice(0, 40)} is too large to be read exactly (character ${at + 1})`);
  }
  return at + found.length;
}

function tooDeep(): TranshipError {
  return refusal(`it is nested deeper than ${deepestJson} levels`);
}

function refusal(why: string, cause?: unknown): TranshipError {
  return new TranshipError(
    'E_JSON',
    'failed',
    `The document is refused: ${why}.`,
    cause === undefined ? {} : { cause },
  );
}
