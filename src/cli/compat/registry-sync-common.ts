/** What both commands of registry-sync stand on. */
import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolders } from '../../kit/folders.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { CommandContext } from '../context.ts';

/** What the original said before it ended with 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** `acme` → `acme.azurecr.io`; a name with the ending is taken too, with a hint. */
export function azureHost(name: string | undefined, what: string, { io }: CommandContext): string {
  const short = name?.replace(/\.azurecr\.io$/i, '').toLowerCase();
  if (short === undefined || !/^[a-z0-9-]{1,63}$/.test(short))
    throw new Refusal(`Invalid ${what}. Please use the name of an Azure registry, without ".azurecr.io".`);
  if (short !== name?.toLowerCase()) io.error(`Write ${short}: the name goes without ".azurecr.io".`);
  return `${short}.azurecr.io`;
}

export type Login = { readonly username: { readonly env: string }; readonly password: { readonly env: string } };

/** The variables of a side, or the first that is not set. */
export function loginOf(side: 'SOURCE' | 'TARGET', { runtime }: CommandContext): Login | { readonly missing: string } {
  const names = [`${side}_USERNAME`, `${side}_PASSWORD`] as const;
  const missing = names.find((name) => (runtime.env[name] ?? '') === '');
  return missing === undefined ? { username: { env: names[0] }, password: { env: names[1] } } : { missing };
}

/** Writes a file under another name and puts it in place when it is whole. */
export async function writeWhole(
  folder: string,
  name: string,
  text: string,
  { runtime }: CommandContext,
): Promise<string> {
  const path = join(resolve(runtime.cwd, folder), name);
  const draft = `${path}.${runtime.random()}.part`;
  await makeFolders(resolve(runtime.cwd, folder));
  await writeFile(draft, text);
  await rename(draft, path);
  return path;
}

export function wordsOf(error: unknown): string {
  if (!isTranshipError(error)) return error instanceof Error ? error.message : String(error);
  return [error.message, error.serverSaid, error.hint].filter((part) => part !== undefined).join(' ');
}
