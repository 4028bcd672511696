import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TranshipError } from '../oci/errors.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './options.ts';

const fileName = 'tranship.yaml';

/** The configuration: an argument or `--config`, else tranship.yaml here or in a folder above, else the user's own. */
export async function configPath({ options, runtime }: CommandContext, argument?: string): Promise<string> {
  const option = options.text('config');
  if (option !== undefined && argument !== undefined)
    throw usageError('The configuration is named twice.', 'Leave --config out.');
  const named = argument ?? option;
  if (named !== undefined) return named;
  for (const path of usualPlaces(runtime)) if (await isThere(path)) return path;
  throw new TranshipError('E_CONFIG_FILE', 'usage', `There is no ${fileName} here or in a folder above.`, {
    hint: '`tranship init` writes one; --config names another file.',
  });
}

function usualPlaces({ cwd, env, home }: CommandContext['runtime']): readonly string[] {
  const above: string[] = [];
  for (let folder = resolve(cwd), last = ''; folder !== last; last = folder, folder = dirname(folder))
    above.push(join(folder, fileName));
  const own = env['XDG_CONFIG_HOME'] || join(home, '.config');
  return [...above, join(own, 'tranship', 'config.yaml')];
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
