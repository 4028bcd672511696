import { validRange } from 'semver';
import { z } from 'zod';
import { compileGlob, compileRegex, compileReplacement, PatternError } from '../kit/pattern.ts';
import { isRepositoryName } from '../oci/names.ts';
import { didYouMean } from './suggest.ts';

/** An object whose unknown keys are mistakes, each with the key that was probably meant. */
export function strict<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => didYouMean(key, known) ?? '').join('\n') : undefined,
  });
}

/** A text that `parse` understands, turned into what it means. */
export function quantity<T>(what: string, example: string, parse: (text: string) => T | undefined) {
  return z
    .string({ error: () => `a ${what} is expected here, written like ${example}` })
    .meta({ examples: [example] })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      const hint = `Write it like ${example}.`;
      context.addIssue({ code: 'custom', message: `"${text}" is no ${what}`, params: { hint } });
      return z.NEVER;
    });
}

/** What a value is blamed for, and what to do where that is not plain. */
export type Objection = string | { readonly message: string; readonly hint: string };

/** A text that `check` has no objection to. */
export function checked(check: (text: string) => Objection | undefined) {
  return z.string().superRefine((text, context) => {
    const objection = check(text);
    if (typeof objection === 'string') context.addIssue({ code: 'custom', message: objection });
    else if (objection !== undefined) {
      context.addIssue({ code: 'custom', message: objection.message, params: { hint: objection.hint } });
    }
  });
}

export const regex = checked((text) => patternObjection('regular expression', text, () => compileRegex(text)));

export const glob = checked(globObjection);

export function globObjection(text: string): string | undefined {
  return patternObjection('pattern', text, () => compileGlob(text));
}

export const range = checked((text) =>
  validRange(text) === null
    ? { message: `"${text}" is no version range`, hint: 'Write it like ">=1.2 <2".' }
    : undefined,
);

export const repositoryName = checked((text) =>
  isRepositoryName(text) ? undefined : `"${text}" is no repository name`,
);

/** The objection to a replacement, or to its expression. */
export function replacementObjection(expression: string, replacement: string): string | undefined {
  return patternObjection('replacement', replacement, () => compileReplacement(expression, replacement));
}

/** A text with `{name}` in it, of names that are known; the rest must fit `fits` once they are filled in. */
export function template(variables: readonly string[], what: string, fits: (text: string) => boolean) {
  return checked((text) => {
    const used = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
    const unknown = used.find((name) => !variables.includes(name));
    if (unknown !== undefined) {
      const known = `There are ${variables.map((name) => `{${name}}`).join(' ')}.`;
      return { message: `{${unknown}} is not known here`, hint: didYouMean(unknown, variables) ?? known };
    }
    return fits(text.replace(/\{[^{}]*\}/g, 'x')) ? undefined : `"${text}" makes no ${what}`;
  });
}

function patternObjection(what: string, text: string, compile: () => unknown): string | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return `"${text}" is no ${what}: ${error.message}`;
    throw error;
  }
}
