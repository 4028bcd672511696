import { completionScript, shells } from '../completion/completion.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { commandTable } from '../table.ts';

export async function run({ args, io }: CommandContext): Promise<number> {
  const shell = shells.find((known) => known === args[0]);
  if (shell === undefined) throw usageError(`No completion for "${args[0]}".`, `Known shells: ${shells.join(', ')}.`);
  io.answerRaw(completionScript(shell, commandTable));
  return exitDone;
}
