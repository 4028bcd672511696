/** What `quay sync` and `quay diff` read from their command lines and files. */

import { fromConfigFolder } from '../../compose/configured.ts';
import { failedOver, type OpenPairOptions, type PairRequest, type PairSide } from '../../compose/quay/pair.ts';
import { listFrom, loadPairFile, readSecret, requestOf } from '../../compose/quay/pair-request.ts';
import { type Companion, companions, type PairSyncInput } from '../../compose/quay/pair-sync.ts';
import { stateFolder } from '../../compose/state-folder.ts';
import { parseDuration } from '../../kit/quantity.ts';
import type { EventListener } from '../../report/events.ts';
import type { CommandContext } from '../context.ts';
import { type OptionValues, usageError } from '../options.ts';
import { sessionOptions } from '../session.ts';

export interface PairCommand {
  readonly request: PairRequest;
  readonly input: PairSyncInput;
}

export async function pairCommand(context: CommandContext): Promise<PairCommand> {
  const { options, args, runtime, signal } = context;
  const path = options.text('config');
  const file = path === undefined ? undefined : await loadPairFile(path, { signal });
  if (file !== undefined && args.length > 0) {
    throw usageError('The servers stand in the file and on the command line.', 'Give one of them.');
  }
  const read = file ? await requestOf(file, { env: runtime.env, signal }) : await requestFromWords(context);
  const request = options.flag('failover') ? failedOver(read) : read;
  const entries = options.list('repository').length > 0 ? options.list('repository') : file?.repositories;
  const policy = (options.text('divergence') ?? file?.divergence) as PairSyncInput['policy'];
  const asked = companionsOf(options.text('with') ?? file?.companions.join(','));
  const cacheFolder = options.text('cacheDir') ?? (file?.cacheFolder && fromConfigFolder(file.file, file.cacheFolder));
  const pruneMs = pruneOf(options) ?? file?.pruneAfterMs;
  const jobs = options.count('jobs');
  return {
    request,
    input: {
      signal,
      ...(entries && { list: listFrom(entries) }),
      include: globs(options, 'include', file?.include),
      exclude: globs(options, 'exclude', file?.exclude),
      companions: asked,
      keepSettings: options.flag('keepSettings') || file?.keepSettings,
      policy,
      stateFolder: stateFolder(runtime),
      failFast: options.flag('failFast'),
      ...(cacheFolder !== undefined && cacheFolder !== '' && { cacheFolder }),
      ...(pruneMs !== undefined && { prune: { afterMs: pruneMs } }),
      ...(jobs !== undefined && { jobs }),
    },
  };
}

/** How the servers are reached. Tokens that a variable holds for any server are no help with two of them. */
export function pairConnection(context: CommandContext, listen: EventListener): OpenPairOptions {
  return { ...sessionOptions(context, listen), signal: context.signal };
}

async function requestFromWords(context: CommandContext): Promise<PairRequest> {
  const { args, options } = context;
  const [source, ...others] = args;
  if (source === undefined || others.length === 0) {
    throw usageError(
      'Which Quays are meant is not said.',
      'Give the source, then the destination, or -c quay-sync.yaml.',
    );
  }
  const files = options.list('destinationTokenFile');
  return {
    source: await sideOf(context, source, options.text('sourceTokenFile'), 'TRANSHIP_SOURCE_TOKEN'),
    destinations: await Promise.all(
      others.map((server, index) =>
        sideOf(context, server, files[index], `TRANSHIP_DESTINATION_TOKEN${index === 0 ? '' : `_${index + 1}`}`),
      ),
    ),
  };
}

async function sideOf(
  { runtime: { env }, signal }: CommandContext,
  server: string,
  file: string | undefined,
  variable: string,
): Promise<PairSide> {
  const named = file === undefined ? (env[variable] ? { env: variable } : undefined) : { file };
  return named === undefined ? { server } : { server, token: await readSecret(named, { env, signal }) };
}

function globs(options: OptionValues, name: string, fromFile: readonly string[] = []) {
  const given = options.list(name).length > 0 ? options.list(name) : fromFile;
  return given.map((glob) => ({ glob }));
}

function companionsOf(text = ''): ReadonlySet<Companion> {
  const words = text.split(/[,\s]+/).filter((word) => word !== '');
  const wrong = words.find((word) => !companions.some((known) => known === word));
  if (wrong !== undefined) throw usageError(`"${wrong}" cannot be brought over.`, `Write ${companions.join(', ')}.`);
  return new Set(companions.filter((known) => words.includes(known)));
}

function pruneOf(options: OptionValues): number | undefined {
  const text = options.text('prune');
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw usageError(`"${text}" is no duration.`, 'Write --prune 7d.');
}
