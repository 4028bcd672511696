import process from 'node:process';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { version } from '../version.ts';

export async function run({ io, options, runtime }: CommandContext): Promise<number> {
  if (options.text('output') === 'json') {
    io.json({ version, node: process.versions.node, platform: `${runtime.platform}/${process.arch}` });
  } else {
    io.answer(`tranship ${version}`);
  }
  return exitDone;
}
