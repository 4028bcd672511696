import { access, writeFile } from 'node:fs/promises';
import { formatDifference } from '../../compat/difference.ts';
import { writeNative } from '../../compat/write.ts';
import { readStated } from '../../compose/foreign.ts';
import { isFolder, type SurveyedFile, surveyFolder } from '../../compose/survey.ts';
import { readConfig } from '../../config/load.ts';
import { countText } from '../../kit/quantity.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { usageError } from '../options.ts';
import { type Column, tableLines } from '../terminal/table.ts';

/** Prints another tool's file as `tranship.yaml`; what differs goes to standard error. Of a folder it says what is in it. */
export async function run(context: CommandContext): Promise<number> {
  const { args, options, runtime, io, signal } = context;
  const [file = ''] = args;
  if (await isFolder(file)) return tellFolder(file, context);
  const stated = await readStated(file, {
    env: runtime.env,
    destination: options.text('to'),
    scoped: options.flag('scoped'),
    authFile: options.text('authFileOf'),
    signal,
  });
  if (stated.kind === 'own') {
    readConfig(stated.text, file);
    throw ownAlready(file);
  }
  const { found } = stated;
  const text = writeNative(found);
  readConfig(text, `${file} (converted)`);
  const out = options.text('out');
  if (out === undefined) io.answerRaw(text);
  else await write(out, text, options.flag('force'));
  io.note(`Read as a file of ${found.tool}.`);
  for (const difference of found.differences) io.note(`  ${formatDifference(difference)}`);
  for (const name of found.secrets.keys()) io.warn(`Set the variable ${name}: the file held that secret in clear.`);
  return exitDone;
}

/** Which of the files in a folder can be converted, and how. */
async function tellFolder(folder: string, { options, io, signal }: CommandContext): Promise<number> {
  if (options.text('out') !== undefined)
    throw usageError(`${folder} is a folder, and --out names one file.`, 'Convert one file of it at a time.');
  const { files, others } = await surveyFolder(folder, { signal });
  if (!files.some(({ takes }) => takes !== 'no')) throw nothingThere(folder);
  for (const line of tableLines(columns, files)) io.answer(line);
  if (others > 0) io.note(`${countText(others, 'further file')}, which by name can hold no configuration.`);
  return exitDone;
}

const columns: readonly Column<SurveyedFile>[] = [
  { title: 'FILE', value: ({ file }) => file },
  { title: 'IS', value: ({ what }) => what },
  { title: 'NEXT', value: nextCommand },
];

function nextCommand({ file, what, takes }: SurveyedFile): string {
  if (takes === 'no') return '';
  if (what === 'a tranship.yaml') return `tranship plan -c ${file}`;
  return `tranship convert ${file}${takes === 'with --to' ? ' --to HOST[/NAMESPACE]' : ''}`;
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere && !force) throw usageError(`${path} is there already.`, 'Write over it with --force.');
  await writeFile(path, text);
}

function ownAlready(file: string): TranshipError {
  return new TranshipError('E_CONVERT', 'usage', 'The file is a tranship.yaml already.', {
    subject: file,
    hint: `See what it does with \`tranship plan -c ${file}\`.`,
  });
}

function nothingThere(folder: string): TranshipError {
  return new TranshipError('E_CONVERT', 'usage', 'No file in the folder is of a tool that is known here.', {
    subject: folder,
    hint: 'Known are the files of regsync, skopeo sync, dregsy, image-syncer and run-reposync.',
  });
}
