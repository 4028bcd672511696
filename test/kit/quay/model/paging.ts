import { randomBytes } from 'node:crypto';
import type { World } from './world.ts';

/** How long a page token is good; an older or unknown one starts at the first page again, without an error. */
const pageTokenMilliseconds = 2 * 24 * 3600 * 1000;

interface PageToken {
  readonly made: number;
  readonly start: number;
}

/** Hands out a token for going on at `start`. */
export function pageToken(world: World, start: number): string {
  const token = `gAAAAAB${randomBytes(48).toString('base64url')}`;
  world.pageTokens.set(token, { made: world.clock.now(), start } satisfies PageToken);
  return token;
}

/** Where `token` says to go on; `undefined` for none, an expired and an invented one alike. */
export function pageStart(world: World, token: string | null): number | undefined {
  const found = token === null ? undefined : (world.pageTokens.get(token) as PageToken | undefined);
  if (found === undefined || found.made + pageTokenMilliseconds < world.clock.now()) return undefined;
  return found.start;
}

/** One page of rows with rising `id`s, and what the next page's token stands for. */
export function pageById<T extends { readonly id: number }>(
  world: World,
  rows: readonly T[],
  token: string | null,
  size: number,
): { readonly page: readonly T[]; readonly next: string | undefined } {
  const start = pageStart(world, token);
  const rest = start === undefined ? rows : rows.filter((row) => row.id >= start);
  const page = rest.slice(0, size);
  const following = rest[size];
  return { page, next: following === undefined ? undefined : pageToken(world, following.id) };
}
