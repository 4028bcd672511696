import type { FailureClass } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { errorCatalogue } from '../errors/catalogue.ts';
import { warnings } from '../errors/warnings.ts';
import { exitCodeOf, exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { tableLines } from '../terminal/table.ts';

export async function run({ args, io }: CommandContext): Promise<number> {
  const [asked] = args;
  if (asked === undefined) {
    const columns = [
      { title: 'CODE', value: ([code]: Row) => code },
      { title: 'MEANING', value: ([, { meaning }]: Row) => meaning },
    ];
    for (const line of tableLines(columns, [...errorCatalogue, ...Object.entries(warnings)])) io.answer(line);
    return exitDone;
  }
  const code = normalised(asked);
  const error = errorCatalogue.get(code);
  const entry = error ?? warningOf(code);
  if (entry === undefined) throw usageError(`There is no code ${asked}.`, 'See `tranship explain` for all codes.');
  io.answer(`${io.paint('strong', code)}  ${entry.meaning}`);
  io.answer('');
  io.answer(entry.action);
  io.answer('');
  io.answer(error === undefined ? 'A warning: the work goes on.' : exitText(error.failure));
  return exitDone;
}

function exitText(failures: readonly FailureClass[]): string {
  return `Exit code ${[...new Set(failures.map(exitCodeOf))].join(' or ')}.`;
}

function warningOf(code: string) {
  return Object.entries(warnings).find(([known]) => known === code)?.[1];
}

type Row = readonly [string, { readonly meaning: string }];

function normalised(asked: string): string {
  const upper = asked.toUpperCase().replaceAll('-', '_');
  return /^[EW]_/.test(upper) ? upper : `E_${upper}`;
}
