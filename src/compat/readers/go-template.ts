/** regsync's templates, as far as they say where a value comes from. */
import type { NativeSecret } from '../native.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const whole = /^\{\{-?\s*(env|file)\s+["`]([^"`]+)["`]\s*-?\}\}$/;
const parts = /\{\{-?\s*([^{}]*?)\s*-?\}\}/g;

/** A template that is nothing but an environment variable or a file; `undefined` for every other text. */
export function templatedSecret(text: string): NativeSecret | undefined {
  const [, from, name = ''] = whole.exec(text.trim()) ?? [];
  if (from === undefined) return undefined;
  return from === 'env' ? { env: name } : { file: name };
}

export function isTemplate(text: string): boolean {
  return text.includes('{{');
}

/** The text with its variables filled in, or what stands in the way. */
export function fillIn(text: string, env: Environment): { readonly text: string } | { readonly problem: string } {
  let problem: string | undefined;
  const filled = text.replace(parts, (_, expression: string) => {
    const name = /^env\s+["`]([^"`]+)["`]$/.exec(expression)?.[1];
    if (name === undefined) problem ??= `the template {{${expression}}} is not one that can be filled in`;
    else if (env[name] === undefined) problem ??= `the environment variable ${name} is not set`;
    return name === undefined ? '' : (env[name] ?? '');
  });
  return problem === undefined ? { text: filled } : { problem };
}

/** regsync's template of a backup tag in our words; `undefined` where it has none. */
export function backupTag(text: string): string | undefined {
  return inOurWords(text, (expression) => {
    if (/^\.Ref\.Tag$/.test(expression)) return '{tag}';
    return /^time\.Now\.Format\s+["`]20060102["`]$/.test(expression) ? '{date}' : undefined;
  });
}

/** regsync's template of a target tag in our words; `undefined` where it has none. */
export function tagTemplate(text: string, env: Environment): string | undefined {
  return inOurWords(text, (expression) => {
    if (/^\.Source\.Tag$/.test(expression)) return '{tag}';
    const name = /^env\s+["`]([^"`]+)["`]$/.exec(expression)?.[1];
    return name === undefined ? undefined : env[name];
  });
}

/** A template for a tag, each expression replaced by what `wordFor` gives for it. */
function inOurWords(text: string, wordFor: (expression: string) => string | undefined): string | undefined {
  if (/[/:{}]/.test(text.replace(parts, ''))) return undefined;
  let known = true;
  const words = text.replace(parts, (_, expression: string) => {
    const word = wordFor(expression);
    if (word === undefined) known = false;
    return word ?? '';
  });
  return known && words !== '' ? words : undefined;
}
