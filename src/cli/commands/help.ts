import { readCommandLine } from '../command-line.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, exitDone, exitUsage } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { commandTable } from '../table.ts';
import { padStart } from '../terminal/width.ts';

export async function run({ args, io, runtime }: CommandContext): Promise<number> {
  if (args.join(' ') === 'exit-codes') {
    for (const { code, meaning } of exitCodes) io.answer(`${padStart(String(code), 3)}  ${meaning}`);
    return exitDone;
  }
  const line = readCommandLine(args.length === 0 ? [] : [...args, '--help'], commandTable, runtime.env);
  if (line.kind === 'wrong') throw usageError(`There is no help on "${args.join(' ')}".`, 'See `tranship help`.');
  if (line.kind === 'run') return exitUsage;
  io.answerRaw(line.text);
  return exitDone;
}
