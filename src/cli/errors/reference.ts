import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { errorChapters } from './catalogue.ts';
import type { ErrorEntry } from './entry.ts';
import { warnings } from './warnings.ts';

/** The catalogue as a page of the documentation. */
export function errorReference(): string {
  return [
    '# Errors',
    '',
    'Generated from the catalogue in `src/cli/errors`; `tranship explain CODE` prints the same. A code means the same in every',
    'version. An error names the side (source or destination), the reference, the server’s own words and a way out.',
    '',
    ...errorChapters.flatMap(({ title, errors }) => [
      `## ${title}`,
      '',
      ...Object.entries(errors).flatMap(([code, entry]) => entryLines(code, entry)),
    ]),
    '## Warnings',
    '',
    ...Object.entries(warnings).flatMap(([code, { meaning, action }]) => [
      `### ${code}`,
      '',
      `${capital(meaning)}. ${action}`,
      '',
    ]),
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...exitCodes.map(({ code, meaning }) => `| ${code} | ${meaning} |`),
    '',
  ].join('\n');
}

function entryLines(code: string, { meaning, action, failure }: ErrorEntry): readonly string[] {
  const exits = [...new Set(failure.map(exitCodeOf))].join(' or ');
  return [`### ${code}`, '', `${capital(meaning)}. Exit code ${exits}.`, '', action, ''];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
