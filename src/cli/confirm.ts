import { TranshipError } from '../oci/errors.ts';
import type { CommandContext } from './context.ts';
import { isInteractive, prompt } from './terminal/prompt.ts';

/** Whether the user wants it. `--yes` answers; where nobody can be asked, that is an error and not a yes. */
export async function confirm({ options, runtime, signal }: CommandContext, question: string): Promise<boolean> {
  if (options.flag('yes')) return true;
  if (!isInteractive(runtime)) {
    throw new TranshipError('E_NOT_A_TERMINAL', 'usage', 'This has to be confirmed, and nobody is here to be asked.', {
      hint: 'Give --yes to do it without asking, or --dry-run to see what it would do.',
    });
  }
  const answer = await prompt(runtime, `${question} [y/N] `, { signal });
  return /^\s*y(?:es)?\s*$/i.test(answer);
}
