import { registerSecret } from '../../compose/secrets.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { usageError } from '../options.ts';
import { isInteractive, prompt, readAll } from '../terminal/prompt.ts';

/** A secret from standard input, a variable, or whoever sits at the terminal. Never from the command line. */
export async function askSecret(
  { options, runtime, signal }: CommandContext,
  what: { readonly question: string; readonly stdin: string; readonly variable: string },
): Promise<Secret> {
  const value = await typed();
  if (value === '') throw usageError('What was given is empty.');
  registerSecret(value);
  return new Secret(value);

  async function typed(): Promise<string> {
    const flag = what.stdin.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (options.flag(flag)) return readAll(runtime);
    const set = runtime.env[what.variable];
    if (set !== undefined && set !== '') return set;
    if (isInteractive(runtime)) return prompt(runtime, `${what.question}: `, { signal, hidden: true });
    throw new TranshipError('E_NOT_A_TERMINAL', 'usage', `${what.question} has to be asked for, and nobody is here.`, {
      hint: `Pipe it in with --${what.stdin}, or set ${what.variable}.`,
    });
  }
}

export const passwordOf = (question: string) => ({
  question,
  stdin: 'password-stdin',
  variable: 'TRANSHIP_QUAY_PASSWORD',
});
