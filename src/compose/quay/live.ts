/** A Quay with the first of several tokens that lives: of two that a file holds, one may have died hours ago. */
import type { Secret } from '../../kit/secret.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import { requireLiveToken } from '../../quay/liveness.ts';
import { connectQuay, type QuayConnection, type QuayConnectOptions } from './connect.ts';

/** No tokens at all: as a stranger. Throws `E_QUAY_TOKEN` where none lives. */
export async function connectLive(tokens: readonly Secret[], options: QuayConnectOptions): Promise<QuayConnection> {
  if (tokens.length === 0) return connectQuay({ ...options, anonymous: true });
  let dead: TranshipError | undefined;
  for (const token of tokens) {
    const connection = await connectQuay({ ...options, token });
    try {
      await requireLiveToken(connection.quay, 'tranship', options);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      if (!isTranshipError(error) || error.code !== 'E_QUAY_TOKEN') throw error;
      dead = error;
    }
  }
  throw dead ?? new TranshipError('E_QUAY_TOKEN', 'auth', 'There is no token');
}
