/** Says which pull secrets will not work at the destination, and writes the new ones where that is asked for. */
import { resolve } from 'node:path';
import type { QuayPair } from '../../compose/quay/pair.ts';
import { compareRobots, type PullSecretForm, pullSecrets, type RobotsFound } from '../../compose/quay/pair-robots.ts';
import type { PairOutcome } from '../../compose/quay/pair-sync.ts';
import { writePrivateFile } from '../../compose/quay/text-file.ts';
import type { CommandContext } from '../context.ts';
import { usageError } from '../options.ts';

/** Called before anything is done. */
export function checkPullSecrets({ options }: CommandContext, destinations: number): void {
  const path = options.text('pullSecrets');
  if (path === undefined) return;
  if (destinations > 1)
    throw usageError('Logins can be written for one destination.', 'Sync the others by themselves.');
  if (path === '-' && options.text('output') === 'json')
    throw usageError('Standard output cannot take the report and the logins.', 'Write the logins to a file.');
  if (options.text('pullSecretsAs') === 'docker' && options.text('robot') === undefined)
    throw usageError('A docker configuration holds one login a server.', 'Name it with --robot organisation+name.');
}

export async function tellPullSecrets(pair: QuayPair, outcome: PairOutcome, context: CommandContext): Promise<void> {
  const { io, signal } = context;
  const found = await compareRobots(pair, outcome.found.namespaces, { signal });
  for (const robots of found) for (const line of linesOf(pair.source.host, robots)) io.note(line);
  const [first] = found;
  if (first !== undefined) await write(first, context);
}

function linesOf(source: string, { side, differing, missing, hidden }: RobotsFound): readonly string[] {
  return [
    ...(differing.length > 0
      ? [
          `Pull secrets of ${source} will not work at ${side.host}, where these robots have other passwords: ${names(differing)}`,
        ]
      : []),
    ...(missing.length > 0
      ? [`These robots of ${source} are not at ${side.host} (--with robots makes them): ${names(missing)}`]
      : []),
    ...(hidden.length > 0
      ? [
          `Pull secrets of ${source} will not work at ${side.host}. Whether these robots are there its token may not ask: ${names(hidden)}`,
        ]
      : []),
  ];
}

const shown = 10;

function names(robots: readonly string[]): string {
  const left = robots.length - shown;
  return `${robots.slice(0, shown).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

async function write(
  { side, differing }: RobotsFound,
  { options, runtime, io, signal }: CommandContext,
): Promise<void> {
  const path = options.text('pullSecrets');
  if (path === undefined || options.flag('dryRun')) return;
  const only = options.text('robot');
  const robots = differing.filter((robot) => only === undefined || robot === only);
  if (only !== undefined && robots.length === 0) throw usageError(`There is no robot ${only} at ${side.host}.`);
  const text = await pullSecrets(side, robots, options.text('pullSecretsAs') as PullSecretForm, { signal });
  if (path === '-') return io.answerRaw(text);
  await writePrivateFile(resolve(runtime.cwd, path), text, runtime.random());
  io.note(`The logins of ${robots.length} robots at ${side.host} are in ${path}.`);
}
