import { padStart } from '../../kit/text.ts';
import { readCommandLine } from '../command-line.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { commandTable } from '../table.ts';

export async function run({ args, io, runtime }: CommandContext): Promise<number> {
  if (args.join(' ') === 'exit-codes') {
    for (const { code, meaning } of exitCodes) io.answer(`${padStart(String(code), 3)}  ${meaning}`);
    return exitDone;
  }
  const topic = args.join(' ');
  const known = topic === '' || commandTable.some(({ name }) => `${name} `.startsWith(`${topic} `));
  if (!known) throw usageError(`There is no help on "${topic}".`, 'See `tranship help`.');
  const line = readCommandLine(topic === '' ? [] : [...args, '--help'], commandTable, runtime.env);
  if (line.kind === 'help') io.answerRaw(line.text);
  return exitDone;
}
