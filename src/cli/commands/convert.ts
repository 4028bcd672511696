import { access, writeFile } from 'node:fs/promises';
import { formatDifference } from '../../compat/difference.ts';
import { writeNative } from '../../compat/write.ts';
import { readForeignFile } from '../../compose/foreign.ts';
import { readConfig } from '../../config/load.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';

/** Prints another tool's file as `tranship.yaml`; what differs goes to standard error. */
export async function run({ args, options, runtime, io, signal }: CommandContext): Promise<number> {
  const [file = ''] = args;
  const found = await readForeignFile(file, {
    env: runtime.env,
    destination: options.text('to'),
    scoped: options.flag('scoped'),
    authFile: options.text('authFileOf'),
    signal,
  });
  if (found === undefined) throw notKnown(file);
  const text = writeNative(found);
  readConfig(text, options.text('out') ?? 'tranship.yaml');
  const out = options.text('out');
  if (out === undefined) io.answerRaw(text);
  else await write(out, text, options.flag('force'));
  io.note(`Read as a file of ${found.tool}.`);
  for (const difference of found.differences) io.note(`  ${formatDifference(difference)}`);
  for (const name of found.secrets.keys()) io.warn(`Set the variable ${name}: the file held that password in clear.`);
  return exitDone;
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere && !force) throw usageError(`${path} is there already.`, 'Write over it with --force.');
  await writeFile(path, text);
}

function notKnown(file: string): TranshipError {
  return new TranshipError('E_CONVERT', 'usage', 'The file cannot be read, or is not of a tool that is known here.', {
    subject: file,
    hint: 'Known are the files of regsync, skopeo sync, dregsy, image-syncer and run-reposync.',
  });
}
