import { writeNative } from '../../compat/write.ts';
import { readStated } from '../../compose/foreign.ts';
import { type LoadedConfig, readConfig } from '../../config/load.ts';
import { type Origin, originsOf } from '../../config/origins.ts';
import { configPath } from '../config-path.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { type Column, tableLines } from '../terminal/table.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  // Showing a configuration is no reason to want its secrets: variables that are not set are no mistake here.
  const loaded = await loadedOrConverted(await configPath(context, context.args[0]), context);
  const origins = originsOf(loaded);
  const isJson = options.text('output') === 'json';
  if (options.flag('origin') && isJson) io.json(origins);
  else if (options.flag('origin')) for (const line of tableLines(columns, origins)) io.answer(line);
  else if (isJson) io.json(loaded.config);
  else for (const { path, value } of origins) io.answer(`${path} = ${value}`);
  return exitDone;
}

/** Another tool's file is shown as what it becomes. */
async function loadedOrConverted(file: string, { options, runtime, signal }: CommandContext): Promise<LoadedConfig> {
  const destination = options.text('to');
  const stated = await readStated(file, { env: runtime.env, destination, scoped: options.flag('scoped'), signal });
  if (stated.kind === 'own') return readConfig(stated.text, file);
  return readConfig(writeNative(stated.found), `${file} (converted)`);
}

const columns: readonly Column<Origin>[] = [
  { title: 'VALUE', value: ({ path }) => path },
  { title: 'IS', value: ({ value }) => value },
  { title: 'FROM', value: ({ origin }) => origin },
];
