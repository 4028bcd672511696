import { openTokenStore, requireLiveToken } from '../../compose/quay/access.ts';
import { connectQuay } from '../../compose/quay/connect.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { quayOptions } from '../quay/connection.ts';
import { askSecret } from '../quay/password.ts';

export async function run(context: CommandContext): Promise<number> {
  const { args, runtime, io, signal } = context;
  const [server = ''] = args;
  const token = await askSecret(context, {
    question: `Token for ${server}`,
    stdin: 'token-stdin',
    variable: 'TRANSHIP_QUAY_TOKEN',
  });
  await using connection = await connectQuay({ ...quayOptions(context), server, token });
  await requireLiveToken(connection.quay, 'tranship', { signal });
  const store = openTokenStore({ env: runtime.env, home: runtime.home, random: () => runtime.random() });
  await store.keep(connection.quay.url.host, token);
  io.note(`The token lives. Kept for ${connection.quay.server} in ${store.path}.`);
  return exitDone;
}
