import { TranshipError } from './errors.ts';

/** `E_REFERENCE`, with the place in the text and what was expected there. `at` counts from 0. */
export function refuse(
  text: string,
  at: number,
  expected: string,
  more: { readonly hint?: string } = {},
): TranshipError {
  const position = Math.min(at, text.length) + 1;
  const where = at >= text.length ? 'at its end' : `at character ${position}`;
  return new TranshipError('E_REFERENCE', 'usage', `"${text}" is not a reference: ${where}, expected ${expected}.`, {
    subject: text,
    ...more,
  });
}
