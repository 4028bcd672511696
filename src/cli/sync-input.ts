import { createHash } from 'node:crypto';
import { stateFolder } from '../compose/state-folder.ts';
import type { SyncInput } from '../compose/sync.ts';
import type { RunPart } from '../execute/run/run-options.ts';
import { parseDuration } from '../kit/quantity.ts';
import type { CommandContext } from './context.ts';
import { type OptionValues, usageError } from './options.ts';

/** What the options of `plan`, `sync` and their like say of a run. */
export function syncInput({ options, runtime, signal }: CommandContext): SyncInput {
  const jobs = options.count('jobs');
  const only = partOf(options);
  return {
    signal,
    failFast: options.flag('failFast'),
    dryRun: options.flag('dryRun'),
    stateFolder: stateFolder(runtime),
    lockTimeoutMs: lockTimeout(options.text('lockTimeout')),
    lockScope: `${options.text('shard') ?? ''} ${options.list('stage').join(' ')}`,
    ...(jobs !== undefined && { jobs }),
    ...(only && { only }),
  };
}

function lockTimeout(text = '0'): number {
  const milliseconds = text === '0' ? 0 : parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw usageError(`"${text}" is no duration.`, 'Write --lock-timeout 30s or 10m.');
}

/** `--stage` and `--shard`. */
function partOf(options: OptionValues): RunPart | undefined {
  const stages = options.list('stage');
  const shard = shardOf(options.text('shard'));
  if (stages.length === 0 && shard === undefined) return undefined;
  return {
    stage: (id) => stages.length === 0 || stages.includes(id),
    repository: (stage, repository) => shard === undefined || shard(`${stage.from.registry}/${repository}`),
  };
}

/** A repository is always in the same one of n parts, whoever asks. */
function shardOf(text: string | undefined): ((repository: string) => boolean) | undefined {
  if (text === undefined) return undefined;
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const [part, parts] = [Number(index), Number(count)];
  if (!(part >= 1 && part <= parts))
    throw usageError(`"${text}" is no shard.`, 'Parts are counted from 1: --shard 2/8.');
  return (repository) => createHash('sha256').update(repository).digest().readUInt32BE(0) % parts === part - 1;
}
