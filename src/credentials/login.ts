import { chmod, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolders, privateMode } from '../kit/folders.ts';
import type { Secret } from '../kit/secret.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import { parseAuthFile } from './auth-file.ts';
import { encodeAuth } from './entry.ts';
import { withFileLock } from './file-lock.ts';
import { helperErase, helperStore } from './helper.ts';
import { authPlaces, loginPlace, type Surroundings } from './places.ts';
import { canonicalHost, canonicalKey, helperServer, loginKey } from './server-key.ts';

export interface LoginOptions extends Surroundings, CallOptions {
  readonly authFile?: string | undefined;
  /** Makes the temporary file's name; handed in so that tests know it. */
  readonly random: () => string;
}

/**
 * Keeps a credential for later runs: through the helper that the file names for this registry, else in the file itself
 * (0600, replaced as a whole, everything else in it kept). Returns where it went.
 */
export async function storeLogin(
  registry: string,
  username: string,
  password: Secret,
  options: LoginOptions,
): Promise<string> {
  const path = await placeFor(registry, options);
  const helper = helperFor(await readDocument(path), path, registry);
  if (helper !== undefined) {
    const call = { ...options, name: helper, server: helperServer(registry) };
    await helperStore(call, username, password.reveal());
    await changeDocument(path, options, (document) => withEntry(document, registry, {}));
    return `docker-credential-${helper}`;
  }
  const entry = { auth: encodeAuth(username, password.reveal()) };
  await changeDocument(path, options, (document) => withEntry(document, registry, entry));
  return path;
}

/** Forgets a registry in every usual place. Returns the places where something was forgotten. */
export async function removeLogin(registry: string, options: LoginOptions): Promise<readonly string[]> {
  const forgotten: string[] = [];
  for (const path of filesOf(options)) {
    const document = await readDocument(path);
    const isKept = keysOf(document, registry).length > 0;
    const helper = helperFor(document, path, registry);
    if (helper !== undefined && (isKept || isHelperOf(document, registry))) {
      await helperErase({ ...options, name: helper, server: helperServer(registry) });
      forgotten.push(`docker-credential-${helper}`);
    }
    if (!isKept) continue;
    await changeDocument(path, options, (latest) => withoutKeys(latest, keysOf(latest, registry)));
    forgotten.push(path);
  }
  return forgotten;
}

function filesOf(options: LoginOptions): readonly string[] {
  return authPlaces(options, options.authFile).flatMap(({ path, format }) => (format === 'auths' ? [path] : []));
}

/** The file that is asked first for this registry: written to any other, a new password would not be found. */
async function placeFor(registry: string, options: LoginOptions): Promise<string> {
  for (const path of filesOf(options)) {
    const document = await readDocument(path);
    if (keysOf(document, registry).length > 0 || isHelperOf(document, registry)) return path;
  }
  return loginPlace(options, options.authFile);
}

type Document = Readonly<Record<string, unknown>>;

/** The whole document, so that keys which are none of our business survive; `{}` where there is no file. */
async function readDocument(path: string): Promise<Document> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return '';
    throw unwritable(path, error);
  });
  if (text.trim() === '') return {};
  parseAuthFile(text, path);
  const document: Document = JSON.parse(text);
  return document;
}

function helperFor(document: Document, path: string, registry: string): string | undefined {
  const file = parseAuthFile(JSON.stringify(document), path);
  return file.helpers.get(canonicalHost(registry)) ?? file.store;
}

function isHelperOf(document: Document, registry: string): boolean {
  return parseAuthFile(JSON.stringify(document), '').helpers.has(canonicalHost(registry));
}

function keysOf(document: Document, registry: string): readonly string[] {
  return Object.keys(authsOf(document)).filter((key) => canonicalKey(key) === canonicalHost(registry));
}

/** Sets a registry's entry under the key that it has, or under the usual one. */
function withEntry(document: Document, registry: string, entry: Document): Document {
  const existing = keysOf(document, registry);
  const key = existing[0] ?? loginKey(registry);
  return { ...document, auths: { ...authsOf(withoutKeys(document, existing)), [key]: entry } };
}

function withoutKeys(document: Document, keys: readonly string[]): Document {
  const kept = Object.entries(authsOf(document)).filter(([key]) => !keys.includes(key));
  return { ...document, auths: Object.fromEntries(kept) };
}

function authsOf(document: Document): Document {
  const auths = document['auths'];
  return typeof auths === 'object' && auths !== null ? (auths as Document) : {};
}

async function changeDocument(
  path: string,
  options: LoginOptions,
  change: (document: Document) => Document,
): Promise<void> {
  try {
    const target = await realpath(path).catch(() => path);
    await makeFolders(dirname(target), privateMode);
    await withFileLock(target, options, async () =>
      replace(target, change(await readDocument(target)), options.random()),
    );
  } catch (error) {
    options.signal?.throwIfAborted();
    throw isTranshipError(error) ? error : unwritable(path, error);
  }
}

/** Writes beside the file and renames over it: a reader sees the old or the new document, never half of one. */
async function replace(target: string, document: Document, suffix: string): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${suffix}.tmp`);
  try {
    await writePrivately(temporary, `${JSON.stringify(document, null, 2)}\n`);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writePrivately(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o600);
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function unwritable(path: string, cause: unknown): TranshipError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return new TranshipError('E_AUTH_FILE', 'failed', `The credentials file cannot be read or written (${reason}).`, {
    subject: path,
    hint: 'Choose another with --authfile or REGISTRY_AUTH_FILE.',
    cause,
  });
}
