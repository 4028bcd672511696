import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Mistake, Position } from './mistake.ts';
import { isTooDeep, syntaxWords } from './syntax-words.ts';

export type Path = readonly (string | number)[];

/** A YAML text as plain values, and where each of them stands. */
export interface ParsedText {
  /** Own plain objects, lists and scalars; `undefined` where the text cannot be read at all. */
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** Where a value stands, or its nearest parent that exists. */
  valueAt(path: Path): Position;
  /** Where the key of a value stands. */
  keyAt(path: Path): Position;
  /** A scalar as it was typed: `1.0` where the value is 1. */
  typedAt(path: Path): string | undefined;
}

/** A larger file is no configuration. */
export const longestText = 1024 * 1024;

/** Nothing in a configuration is nested deeper than ten. */
const deepest = 32;

/**
 * Reads the plain part of YAML 1.2: maps, lists and scalars. Anchors, aliases, merge keys and tags are refused (nothing is
 * ever expanded), as are keys that are no strings or that would reach an object's prototype.
 */
export function parseText(text: string, file: string): ParsedText {
  const counter = new LineCounter();
  const positionOf = (offset: number | undefined): Position => {
    if (offset === undefined) return { file };
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = documentOf(text, counter);
  if (document === undefined || isTooDeep(document.errors))
    return unreadable(file, { code: 'E_CONFIG_FILE', message: 'it is nested too deeply', at: { file } });
  const mistakes = document.errors.map((error) => syntaxMistake(error, positionOf));
  const reader = new Reader(positionOf);
  const value = reader.read(document.contents, 0);
  const located = locator(document, positionOf);
  return { value, mistakes: [...mistakes, ...reader.mistakes], ...located };
}

function unreadable(file: string, mistake: Mistake): ParsedText {
  const at = () => ({ file });
  return { value: undefined, mistakes: [mistake], valueAt: at, keyAt: at, typedAt: () => undefined };
}

/** The parser recurses; a text of nothing but brackets would exhaust its stack. */
function documentOf(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    return parseDocument(text, { lineCounter, schema: 'core', merge: false, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type PositionOf = (offset: number | undefined) => Position;

class Reader {
  readonly mistakes: Mistake[] = [];
  readonly #positionOf: PositionOf;

  constructor(positionOf: PositionOf) {
    this.#positionOf = positionOf;
  }

  read(node: unknown, depth: number): unknown {
    if (!isNode(node)) return null;
    if (depth > deepest) return this.#refuse(node, `it is nested deeper than ${deepest} levels`);
    if (isAlias(node)) return this.#refuse(node, 'aliases (*name) are not taken', repeat);
    if (node.anchor !== undefined) this.#refuse(node, 'anchors (&name) are not taken', repeat);
    if (node.tag?.startsWith('!') && !node.tag.startsWith('!!'))
      this.#refuse(node, 'tags (!name) are not taken', 'A text that begins with ! needs quotes.');
    if (isMap(node)) return this.#map(node.items, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    return isScalar(node) ? node.value : null;
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const { key, value } of pairs) {
      const name = this.#key(key);
      const read = this.read(value, depth + 1);
      if (name !== undefined) result[name] = read;
    }
    return result;
  }

  #key(key: unknown): string | undefined {
    const value = isScalar(key) ? key.value : undefined;
    if (isScalar(key) && key.anchor !== undefined) this.#refuse(key, 'anchors (&name) are not taken', repeat);
    if (value === '<<') return this.#refuse(key, 'merge keys (<<) are not taken', repeat);
    if (value === '__proto__') return this.#refuse(key, 'a key may not be __proto__');
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') {
      return this.#refuse(key, `the key ${typedText(key)} is no text`, `Put it in quotes: "${typedText(key)}".`);
    }
    return this.#refuse(key, 'a key must be a text');
  }

  #refuse(node: unknown, message: string, hint?: string): undefined {
    const at = this.#positionOf(isNode(node) ? node.range?.[0] : undefined);
    this.mistakes.push({ code: 'E_CONFIG_SYNTAX', message, at, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }
}

const repeat = 'Write the value out, or state it once under `defaults`.';

function locator(document: Document, positionOf: PositionOf): Pick<ParsedText, 'valueAt' | 'keyAt' | 'typedAt'> {
  const nodeAt = (path: Path): Node | undefined => {
    const node = document.getIn(path, true);
    return isNode(node) ? node : undefined;
  };
  const valueAt = (path: Path): Position => {
    const node = nodeAt(path);
    if (node?.range) return positionOf(node.range[0]);
    return path.length === 0 ? positionOf(undefined) : keyAt(path);
  };
  const keyAt = (path: Path): Position => {
    const parent = nodeAt(path.slice(0, -1));
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
    const key = pair?.key;
    if (isNode(key) && key.range) return positionOf(key.range[0]);
    return path.length === 0 ? valueAt(path) : valueAt(path.slice(0, -1));
  };
  return { valueAt, keyAt, typedAt: (path) => typedText(nodeAt(path)) };
}

function typedText(node: unknown): string | undefined {
  return isScalar(node) && typeof node.source === 'string' ? node.source : undefined;
}

function syntaxMistake(error: YAMLError, positionOf: PositionOf): Mistake {
  return { code: 'E_CONFIG_SYNTAX', message: syntaxWords(error.code, error.message), at: positionOf(error.pos[0]) };
}
