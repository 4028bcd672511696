/** Is a Quay there at all? Its name first, then its port; neither ends the program. */
import { preflightChecker } from '../src/index.ts';

export async function isThere(server: string): Promise<'ready' | 'no name' | 'no answer'> {
  if (!(await preflightChecker.checkDns(server))) return 'no name';
  return (await preflightChecker.checkPort(server, { timeoutMs: 5000 })) ? 'ready' : 'no answer';
}
