/**
 * YAML as other tools take it: anchors, aliases and merge keys are expanded, within bounds (decision "strict files"). tranship's own format
 * takes none of these; its reader is in `config`.
 */
import {
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParseOptions,
  parseAllDocuments,
  parseDocument,
  type SchemaOptions,
} from 'yaml';
import { longestText, type Path } from '../config/document.ts';
import { ConfigError, type Mistake, type Position } from '../config/mistake.ts';
import { isTooDeep, syntaxWords } from '../config/syntax-words.ts';

/** A bomb of aliases needs more. */
const mostAliases = 1000;

/** Values that a file may hold once its aliases are written out. */
const mostValues = 200_000;

const deepest = 64;

/** How plain scalars are read. Go's tools take the text where they want text, so for them every scalar stays as typed. */
export type Scalars = 'as typed' | 'yaml 1.1';

export interface ForeignText {
  readonly value: unknown;
  at(path: Path): Position;
  /** What a value was typed as: `1.0` where YAML makes 1 of it. */
  typedAt(path: Path): string | undefined;
}

/** A file that stands in the place of a value: `!include other.yaml`. */
export class Include {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }
}

/** Throws a `ConfigError` for what is no YAML, too large, or grows too large. */
export function readYaml(text: string, file: string, scalars: Scalars): ForeignText {
  const wrong = (message: string, at: Position = { file }, hint?: string) =>
    new ConfigError(file, [{ code: 'E_CONFIG_SYNTAX', message, at, ...(hint === undefined ? {} : { hint }) }]);
  if (Buffer.byteLength(text) > longestText) throw wrong('it is larger than 1 MiB, which no configuration is');
  const counter = new LineCounter();
  const document = documentOf(text, counter, scalars, wrong);
  const position = (offset: number | undefined): Position => positionOf(file, counter, offset);
  const mistakes = document.errors.map(
    (error): Mistake => ({
      code: 'E_CONFIG_SYNTAX',
      message: syntaxWords(error.code, error.message),
      at: position(error.pos[0]),
    }),
  );
  if (isTooDeep(document.errors)) throw wrong('it is nested too deeply');
  if (mistakes.length > 0) throw new ConfigError(file, mistakes);
  try {
    const budget = { left: mostValues };
    return {
      value: plain(document.toJS({ maxAliasCount: mostAliases }), budget, 0),
      at: (path) => position(nodeAt(document, path)?.range?.[0]),
      typedAt: (path) => {
        const node = nodeAt(document, path);
        return isScalar(node) ? node.source : undefined;
      },
    };
  } catch (error) {
    if (error instanceof ReferenceError && error.message.startsWith('Unresolved alias'))
      throw wrong('an alias (*name) stands for nothing: its anchor (&name) is missing', undefined, quoteIt);
    if (error instanceof ReferenceError || error instanceof RangeError)
      throw wrong('its aliases or nesting make it far larger than it looks', undefined, 'Write the values out.');
    if (isMergeError(error)) throw wrong('a merge key (<<) names no mapping');
    throw error;
  }
}

const quoteIt = 'A text that begins with * needs quotes.';

function isMergeError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Merge sources must be maps');
}

/**
 * The mappings that a text holds, whatever is wrong with it, for telling files apart: nothing is thrown, and what cannot be read
 * is left out.
 */
export function peekDocuments(text: string): readonly Readonly<Record<string, unknown>>[] {
  if (Buffer.byteLength(text) > longestText) return [];
  const found = orNothing(() => parseAllDocuments(text, parsing('as typed')));
  return (Array.isArray(found) ? found : []).slice(0, mostDocuments).flatMap((document) => {
    const expanded = orNothing(() => plain(document.toJS({ maxAliasCount: mostAliases }), { left: mostValues }, 0));
    const value = expanded ?? orNothing(() => unexpanded(document.contents, 0));
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMapping ? [value as Record<string, unknown>] : [];
  });
}

/** What stands there, without whatever aliases stand for. */
function unexpanded(node: unknown, depth: number): unknown {
  if (depth > deepest) return undefined;
  if (isSeq(node)) return node.items.map((item) => unexpanded(item, depth + 1));
  if (isScalar(node)) return node.value;
  if (!isMap(node)) return undefined;
  const entries = node.items.flatMap(({ key, value }) =>
    isScalar(key) && key.value !== '__proto__' ? [[String(key.value), unexpanded(value, depth + 1)]] : [],
  );
  return Object.fromEntries(entries);
}

/** Nesting, aliases and merge keys of strangers make the parser throw; its reader says then what is wrong. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof RangeError || isMergeError(error)) return undefined;
    throw error;
  }
}

const mostDocuments = 100;

function documentOf(
  text: string,
  lineCounter: LineCounter,
  scalars: Scalars,
  wrong: (message: string) => ConfigError,
): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter, ...parsing(scalars) });
  } catch (error) {
    if (error instanceof RangeError) throw wrong('it is nested too deeply');
    throw error;
  }
}

function parsing(scalars: Scalars): ParseOptions & DocumentOptions & SchemaOptions {
  return {
    schema: scalars === 'as typed' ? 'failsafe' : 'yaml-1.1',
    merge: true,
    prettyErrors: false,
    logLevel: 'error',
    customTags: (tags) => [
      ...tags.map((tag) => (typeof tag === 'object' && 'test' in tag ? asPython(tag) : tag)),
      {
        tag: '!include',
        resolve: (file: string) => new Include(file),
        identify: (value) => value instanceof Include,
      },
    ],
  };
}

/** PyYAML, which reads YAML 1.1 for the tools that are stood in for, takes `y`, `n` and `1e5` for texts. */
function asPython<
  Tag extends { readonly tag: string; readonly test?: RegExp | undefined; readonly format?: string | undefined },
>(tag: Tag): Tag {
  if (tag.tag.endsWith(':bool') && tag.test !== undefined)
    return {
      ...tag,
      test: tag.test.test('true')
        ? /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/
        : /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
    };
  if (tag.tag.endsWith(':float') && tag.format === 'EXP')
    return { ...tag, test: /^[-+]?[0-9][0-9_]*\.[0-9_]*[eE][-+][0-9]+$/ };
  return tag;
}

function positionOf(file: string, counter: LineCounter, offset: number | undefined): Position {
  if (offset === undefined) return { file };
  const { line, col } = counter.linePos(offset);
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
}

function nodeAt(document: Document, path: Path) {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)) return node;
  }
  return undefined;
}

/** Own plain objects: no prototype is reached by a key, and whatever is shared by aliases counts as often as it stands there. */
function plain(value: unknown, budget: { left: number }, depth: number): unknown {
  budget.left -= 1;
  if (budget.left < 0 || depth > deepest) throw new RangeError('too much');
  if (value instanceof Include) return value;
  if (Array.isArray(value)) return value.map((item) => plain(item, budget, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__');
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, budget, depth + 1)]));
}
