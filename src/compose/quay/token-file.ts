/** Tokens in files: one alone, or several by name. What is read is kept out of every output. */
import { registerSecret } from '../../http/redact.ts';
import { Secret } from '../../kit/secret.ts';
import { TranshipError } from '../../oci/errors.ts';
import { readPrivateFile } from '../../quay/private-file.ts';

/** The secret in a file; a line break at its end is not part of it. Throws `E_QUAY_TOKEN_FILE`. */
export async function readSecretFile(path: string): Promise<Secret> {
  const secret = await findSecretFile(path);
  if (secret !== undefined) return secret;
  throw new TranshipError('E_QUAY_TOKEN_FILE', 'failed', 'There is no such file for the token, or it is empty', {
    subject: path,
    hint: 'Check the path.',
  });
}

/** The same, or nothing where there is no file or nothing in it. */
export async function findSecretFile(path: string): Promise<Secret | undefined> {
  const text = (await readPrivateFile(path))?.replace(/\r?\n$/, '');
  if (text === undefined || text === '') return undefined;
  registerSecret(text);
  return new Secret(text);
}

/** Tokens by name, from a JSON file; none where there is no file. Throws `E_QUAY_TOKEN_FILE` for one that is damaged. */
export async function readTokensFile(path: string): Promise<Map<string, string>> {
  const text = await readPrivateFile(path);
  const tokens = text === undefined ? {} : objectIn(text);
  if (tokens === undefined) {
    throw new TranshipError('E_QUAY_TOKEN_FILE', 'failed', 'The file of tokens is no map from name to token', {
      subject: path,
      hint: 'Correct or remove it; tokens that it held can be made anew.',
    });
  }
  const entries = Object.entries(tokens).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  for (const [, token] of entries) registerSecret(token);
  return new Map(entries);
}

function objectIn(text: string): object | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null && !Array.isArray(document) ? document : undefined;
  } catch {
    return undefined;
  }
}
