import { readFile } from 'node:fs/promises';
import { TranshipError } from '../oci/errors.ts';
import type { AuthPlace } from './places.ts';
import { canonicalHost, canonicalKey } from './server-key.ts';

/** One server of an auth file, as it stands there. */
export interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** What an auth file says, its keys in canonical form. */
export interface AuthFile {
  readonly path: string;
  readonly auths: ReadonlyMap<string, AuthEntry>;
  /** Host → name of its helper. */
  readonly helpers: ReadonlyMap<string, string>;
  /** The helper for every host that has none of its own. */
  readonly store: string | undefined;
}

/** More than this is no auth file. */
const largestAuthFile = 4 * 1024 * 1024;

/** Reads a place; `undefined` where there is no file. Throws `E_AUTH_FILE` when it is unreadable or no such document. */
export async function readAuthFile(place: AuthPlace): Promise<AuthFile | undefined> {
  const text = await textOf(place);
  return text === undefined ? undefined : parseAuthFile(text, place.path, place.format);
}

/** Reads a document like docker's `config.json`. `origin` names it in messages. */
export function parseAuthFile(text: string, origin: string, format: AuthPlace['format'] = 'auths'): AuthFile {
  const document = parsedObject(text, origin);
  const auths = format === 'legacy' ? document : objectAt(document, 'auths', origin);
  const store = document['credsStore'];
  return {
    path: origin,
    auths: new Map(Object.entries(auths).map(([key, value]) => [canonicalKey(key), entryOf(value, key, origin)])),
    helpers: helpersOf(objectAt(document, 'credHelpers', origin)),
    store: format === 'auths' && typeof store === 'string' && store !== '' ? store : undefined,
  };
}

async function textOf(place: AuthPlace): Promise<string | undefined> {
  try {
    const bytes = await readFile(place.path);
    if (bytes.length > largestAuthFile) throw unreadable(place.path, 'is larger than 4 MiB');
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof TranshipError) throw error;
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return absent(place);
    throw unreadable(place.path, `cannot be read (${codeOf(error) ?? 'unknown error'})`, error);
  }
}

function absent(place: AuthPlace): undefined {
  if (!place.explicit) return undefined;
  throw unreadable(place.path, 'does not exist', undefined, 'Correct --authfile or REGISTRY_AUTH_FILE, or unset it.');
}

function parsedObject(text: string, origin: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The parser's message quotes the document, which holds passwords: it is dropped on purpose.
  }
  throw unreadable(origin, 'is not a JSON object');
}

function objectAt(document: Record<string, unknown>, key: string, origin: string): Record<string, unknown> {
  const value = document[key];
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw unreadable(origin, `says something else than an object under "${key}"`);
}

function entryOf(value: unknown, key: string, origin: string): AuthEntry {
  if (!isObject(value)) throw unreadable(origin, `has an entry for ${canonicalKey(key)} that is not an object`);
  const names = ['auth', 'username', 'password', 'identitytoken'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = value[name];
      return typeof field === 'string' && field !== '' ? [[name, field]] : [];
    }),
  );
}

function helpersOf(document: Record<string, unknown>): ReadonlyMap<string, string> {
  const named = Object.entries(document).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new Map(named.map(([key, name]) => [canonicalHost(canonicalKey(key)), name]));
}

function unreadable(path: string, why: string, cause?: unknown, hint?: string): TranshipError {
  return new TranshipError('E_AUTH_FILE', 'usage', `The credentials file ${why}.`, {
    subject: path,
    hint: hint ?? 'Correct the file, or take it away and sign in again with `tranship login`.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
