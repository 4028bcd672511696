/** `registry-sync`, flag by flag. */
import { type RegistrySyncCommandLine, readRegistrySyncArguments } from '../../compat/registry-sync/arguments.ts';
import type { CommandContext } from '../context.ts';
import { exitDone, exitFailed, exitUsage } from '../exit-codes.ts';
import { Refusal } from './registry-sync-common.ts';
import { runCrawl } from './registry-sync-crawl.ts';
import { runCsvSync } from './registry-sync-sync.ts';

export async function runRegistrySync(context: CommandContext): Promise<number> {
  const line = readRegistrySyncArguments(context.args);
  try {
    return await carryOut(line, context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.io.error(error.message);
    return exitFailed;
  }
}

async function carryOut(line: RegistrySyncCommandLine, context: CommandContext): Promise<number> {
  switch (line.kind) {
    case 'help':
      context.io.answerRaw(line.text);
      return exitDone;
    case 'wrong':
      context.io.error(line.text.trimEnd());
      return exitUsage;
    case 'crawl':
      return runCrawl(line.options, context);
    case 'sync':
      return runCsvSync(line.options, context);
    default:
      throw new Error('a command line of no kind');
  }
}
