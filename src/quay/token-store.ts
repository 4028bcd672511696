/** Tokens that `tranship quay login` keeps, by server, in one file of mode 0600. */
import { join } from 'node:path';
import { z } from 'zod';
import { Secret } from '../kit/secret.ts';
import { TranshipError } from '../oci/errors.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

export interface TokenStore {
  readonly path: string;
  /** The token for `host` (`host[:port]`). */
  find(host: string): Promise<Secret | undefined>;
  /** Keeps `token`; `undefined` forgets it. */
  keep(host: string, token: Secret | undefined): Promise<void>;
}

export interface TokenStoreOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Some letters that nobody else has, for a temporary file's name. */
  readonly random: () => string;
}

const StoredTokens = z.record(z.string(), z.string());

/** The store of the user: `$XDG_CONFIG_HOME/tranship/quay-tokens.json`. */
export function openTokenStore(options: TokenStoreOptions): TokenStore {
  const config = options.env['XDG_CONFIG_HOME'] || join(options.home, '.config');
  const path = join(config, 'tranship', 'quay-tokens.json');
  return {
    path,
    find: async (host) => {
      const token = (await read(path))[host];
      return token === undefined ? undefined : new Secret(token);
    },
    keep: async (host, token) => {
      const { [host]: _, ...others } = await read(path);
      const tokens = token === undefined ? others : { ...others, [host]: token.reveal() };
      await writePrivateFile(path, `${JSON.stringify(tokens, null, 2)}\n`, options.random());
    },
  };
}

async function read(path: string): Promise<Record<string, string>> {
  const text = await readPrivateFile(path);
  if (text === undefined) return {};
  const tokens = StoredTokens.safeParse(parsed(text));
  if (tokens.success) return tokens.data;
  throw new TranshipError('E_QUAY_TOKEN_FILE', 'failed', 'The file of Quay tokens is no map from server to token', {
    subject: path,
    hint: 'Correct or remove it, then run `tranship quay login` again.',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
