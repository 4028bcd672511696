import { removeLogin } from '../../compose/logins.ts';
import { parseRegistryAddress } from '../../oci/reference.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';

export async function run({ args, options, runtime, signal, io }: CommandContext): Promise<number> {
  const { host } = parseRegistryAddress(args[0] ?? '');
  const places = await removeLogin(host, {
    env: runtime.env,
    home: runtime.home,
    platform: runtime.platform,
    authFile: options.text('authfile'),
    random: () => runtime.random(),
    signal,
  });
  if (places.length === 0) io.note(`There were no credentials for ${host}.`);
  for (const place of places) io.note(`Removed the credentials for ${host} from ${place}.`);
  return exitDone;
}
