import { loadConfigFile } from '../../compose/intent.ts';
import { type Origin, originsOf } from '../../config/origins.ts';
import { configPath } from '../config-path.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { type Column, tableLines } from '../terminal/table.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io, signal } = context;
  // Showing a configuration is no reason to want its secrets: variables that are not set are no mistake here.
  const loaded = await loadConfigFile(await configPath(context), { signal });
  const origins = originsOf(loaded);
  const isJson = options.text('output') === 'json';
  if (options.flag('origin') && isJson) io.json(origins);
  else if (options.flag('origin')) for (const line of tableLines(columns, origins)) io.answer(line);
  else if (isJson) io.json(loaded.config);
  else for (const { path, value } of origins) io.answer(`${path} = ${value}`);
  return exitDone;
}

const columns: readonly Column<Origin>[] = [
  { title: 'VALUE', value: ({ path }) => path },
  { title: 'IS', value: ({ value }) => value },
  { title: 'FROM', value: ({ origin }) => origin },
];
