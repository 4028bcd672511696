import type { z } from 'zod';
import type { ParsedText, Path } from './document.ts';
import type { Mistake } from './mistake.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** The schema's complaints, each at its line and in words for whoever wrote the file. */
export function mistakesOf(issues: readonly Issue[], text: ParsedText): readonly Mistake[] {
  return withoutEchoes(issues.flatMap((issue) => translate(issue, [], text)));
}

interface Translated extends Mistake {
  /** The key that is missing. */
  readonly missing?: string;
  /** Only follows from another mistake in the same place. */
  readonly follows?: true;
}

function translate(issue: Issue, base: Path, text: ParsedText): readonly Translated[] {
  const path: Path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue, path, text);
    case 'invalid_union':
      return issue.errors.length > 0 ? ofUnion(issue, path, text) : [value(path, text, issue.message)];
    case 'invalid_type':
      if (!issue.message.startsWith('Invalid input')) return [ownWords(path, text, issue.message)];
      return [wrongType(path, text, kindWords[issue.expected] ?? `a ${issue.expected}`, issue.expected === 'string')];
    case 'invalid_value':
      return [wrongValue(path, text, issue.values)];
    case 'invalid_key':
      return issue.issues.map((inner) => ({
        ...value(path, text, inner.message),
        ...fromParams('params' in inner ? inner.params : undefined),
        at: text.keyAt(path),
      }));
    case 'too_small':
      return [value(path, text, tooSmall(issue))];
    case 'too_big':
      return [value(path, text, `at most ${issue.maximum} is allowed`)];
    case 'custom':
      return [{ ...value(path, text, issue.message), ...fromParams(issue.params) }];
    default:
      return [value(path, text, lowerFirst(issue.message))];
  }
}

const kindWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function value(path: Path, text: ParsedText, message: string): Mistake {
  return { code: 'E_CONFIG_VALUE', message, at: text.valueAt(path) };
}

/** The schema puts one line of suggestion a key into its message. */
function unknownKeys(issue: Issue & { code: 'unrecognized_keys' }, path: Path, text: ParsedText): readonly Mistake[] {
  const hints = issue.message.split('\n');
  return issue.keys.map((key, at) => ({
    code: 'E_CONFIG_KEY',
    message: `unknown key "${key.slice(0, 80)}"`,
    at: text.keyAt([...path, key]),
    ...(hints[at] ? { hint: hints[at] } : {}),
  }));
}

function wrongType(path: Path, text: ParsedText, expected: string, isText: boolean): Translated {
  const found = valueIn(text.value, path);
  if (found === undefined && path.length > 0) {
    const key = String(path.at(-1));
    return { code: 'E_CONFIG_KEY', message: `"${key}" is missing`, at: text.valueAt(path.slice(0, -1)), missing: key };
  }
  const mistake = value(path, text, `${expected} is expected here, not ${kindOf(found, text.typedAt(path))}`);
  const typed = text.typedAt(path);
  const scalar = typeof found === 'number' || typeof found === 'boolean' || found === null;
  if (isText && scalar && typed) return { ...mistake, hint: `Put it in quotes: "${typed}".` };
  if (expected.startsWith('a list') && typeof found !== 'number' && found !== null)
    return { ...mistake, hint: 'Put it into brackets to make a list of one.' };
  return isSwitch(found) && expected.includes('true')
    ? { ...mistake, hint: 'YAML 1.2 knows only true and false.' }
    : mistake;
}

const isSwitch = (found: unknown): boolean => typeof found === 'string' && /^(yes|no|on|off)$/i.test(found);

/** The kind of what is there; never a text's content, which may be a secret in the wrong place. */
function kindOf(found: unknown, typed: string | undefined): string {
  if (found === null || found === undefined) return typed ? `${typed}, which is nothing` : 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'number') return `the number ${typed ?? found}`;
  if (typeof found === 'boolean') return `${found}`;
  return typeof found === 'string' ? 'a text' : 'a mapping';
}

function wrongValue(path: Path, text: ParsedText, values: readonly z.core.util.Primitive[]): Translated {
  const found = valueIn(text.value, path);
  if (found === undefined) return wrongType(path, text, '', false);
  const allowed = values.map((one) => (typeof one === 'string' ? `"${one}"` : String(one)));
  const mistake = value(path, text, `${orList(allowed)} is expected here`);
  const words = values.filter((one) => typeof one === 'string');
  const isQuoted = typeof found === 'string' && values.some((one) => typeof one !== 'string' && String(one) === found);
  const hint = isQuoted ? 'Write it without quotes.' : typeof found === 'string' ? didYouMean(found, words) : undefined;
  return hint === undefined ? mistake : { ...mistake, hint };
}

function tooSmall({ origin, minimum }: Issue & { code: 'too_small' }): string {
  if (origin === 'array') return minimum === 1 ? 'the list is empty' : `the list needs ${minimum} entries`;
  return origin === 'string' ? 'the text is empty' : `at least ${minimum} is needed`;
}

/**
 * What is wrong where several forms are allowed: the complaints of the form that was most likely meant, which is the one of
 * the right type that complains least; or, where no form has the type, which types there are.
 */
function ofUnion(issue: Issue & { code: 'invalid_union' }, path: Path, text: ParsedText): readonly Translated[] {
  if (issue.message !== 'Invalid input') return [value(path, text, issue.message)];
  const forms = issue.errors as readonly (readonly Issue[])[];
  const fitting = forms.filter((form) => !form.some(isOfWrongType));
  if (fitting.length === 0) return [ofNoType(forms.flat(), path, text)];
  const translated = fitting.map((form) => withoutEchoes(form.flatMap((inner) => translate(inner, path, text))));
  return translated.toSorted((a, b) => weight(a) - weight(b))[0] ?? [];
}

function isOfWrongType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union')
    return (issue.errors as readonly (readonly Issue[])[]).every((form) => form.some(isOfWrongType));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function ofNoType(issues: readonly Issue[], path: Path, text: ParsedText): Translated {
  const expected = [...new Set(issues.filter((issue) => issue.path.length === 0).flatMap(typesIn))];
  return wrongType(path, text, orList(expected), expected.includes('a text'));
}

function typesIn(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_type') return [kindWords[issue.expected] ?? issue.expected];
  if (issue.code === 'invalid_value') return issue.values.map((one) => JSON.stringify(one));
  if (issue.code === 'invalid_union') return (issue.errors as readonly (readonly Issue[])[]).flat().flatMap(typesIn);
  return [];
}

/** A complaint with a suggestion shows that this form was nearly met. */
function weight(mistakes: readonly Mistake[]): number {
  return mistakes.length - mistakes.filter((mistake) => mistake.hint !== undefined).length / 2;
}

/** Where a key was mistyped, it is not told besides that the right one is missing. */
function withoutEchoes(mistakes: readonly Translated[]): readonly Translated[] {
  const meant = (key: string) => mistakes.some(({ hint }) => hint === `Did you mean "${key}"?`);
  const rest = mistakes.filter(({ missing }) => missing === undefined || !meant(missing));
  return rest.length > 1 ? rest.filter(({ follows }) => follows === undefined) : rest;
}

/** What the schema says beside the message: a hint, and whether this only follows from another mistake. */
function fromParams(params: unknown): Partial<Pick<Translated, 'code' | 'hint' | 'follows' | 'missing'>> {
  const { hint, follows, missing } = (params ?? {}) as { hint?: unknown; follows?: unknown; missing?: unknown };
  return {
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(follows === true ? { follows } : {}),
    ...(typeof missing === 'string' ? { code: 'E_CONFIG_KEY' as const, missing } : {}),
  };
}

/** The schema's own words for a value of another type; a key that is not there is missing all the same. */
function ownWords(path: Path, text: ParsedText, message: string): Translated {
  return valueIn(text.value, path) === undefined ? wrongType(path, text, '', false) : value(path, text, message);
}

function valueIn(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    return Reflect.get(inner, key);
  }, value);
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
