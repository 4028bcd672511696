/** `quay-sync.yaml`: which Quays are kept equal, and what of them. */
import { z } from 'zod';
import { isGlob } from '../kit/pattern.ts';
import { parseDuration } from '../kit/quantity.ts';
import { isRepositoryName, isTagName } from '../oci/names.ts';
import { parseText } from './document.ts';
import { mistakesOf } from './issues.ts';
import { type LoadOptions, readConfigText } from './load.ts';
import { ConfigError } from './mistake.ts';
import { secretReference } from './schema-registry.ts';
import { checked, globObjection, quantity, strict } from './schema-values.ts';
import type { SecretReference } from './types.ts';

export interface QuaySyncFile {
  readonly file: string;
  readonly source: QuaySyncSide;
  readonly destinations: readonly QuaySyncSide[];
  /** Entries `organisation/repository[:tag]`; absent: everything that the token sees. */
  readonly repositories?: readonly string[] | undefined;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly companions: readonly ('teams' | 'default-permissions' | 'robots')[];
  readonly keepSettings: boolean;
  readonly divergence?: 'refuse' | 'source-wins' | 'newer-wins' | 'keep-both' | undefined;
  readonly pruneAfterMs?: number | undefined;
  /** As written: relative to the file's folder. */
  readonly cacheFolder?: string | undefined;
}

export interface QuaySyncSide {
  readonly server: string;
  readonly token?: SecretReference | undefined;
  readonly login?: { readonly username: string; readonly password: SecretReference } | undefined;
  /** The path is as written: relative to the file's folder. */
  readonly tls?: { readonly ca?: string | undefined; readonly insecure?: boolean | undefined } | undefined;
}

const side = strict({
  server: z.string().min(1).describe('https://quay.example.com'),
  token: secretReference.optional(),
  login: strict({ username: z.string().min(1), password: secretReference })
    .optional()
    .describe('For the registry. Without it the token, as the user $oauthtoken.'),
  tls: strict({ ca: z.string().optional(), insecure: z.boolean().optional() }).optional(),
});

const entry = checked((text) =>
  readEntry(text) === undefined
    ? {
        message: `"${text}" names no repository`,
        hint: 'Write organisation/repository or organisation/repository:tag.',
      }
    : undefined,
);

const schema = strict({
  version: z.literal(1),
  source: side,
  destination: side.optional(),
  destinations: z.array(side).min(1).optional(),
  repositories: z.array(entry).min(1).optional(),
  include: z.array(checked(globObjection)).optional(),
  exclude: z.array(checked(globObjection)).optional(),
  with: z.array(z.enum(['teams', 'default-permissions', 'robots'])).optional(),
  'keep-settings': z.boolean().optional().describe('Visibility and description of repositories that exist stay.'),
  divergence: z.enum(['refuse', 'source-wins', 'newer-wins', 'keep-both']).optional(),
  prune: quantity('duration', '7d', parseDuration).optional(),
  'cache-dir': z.string().min(1).optional(),
})
  .refine(({ destination, destinations }) => (destination === undefined) !== (destinations === undefined), {
    message: 'either `destination` or `destinations` is needed here',
  })
  .refine(({ repositories, include, exclude }) => repositories === undefined || (include ?? exclude) === undefined, {
    message: 'a list of `repositories` leaves nothing to `include` and `exclude`',
    path: ['repositories'],
  });

/** Throws a `ConfigError` that tells every mistake at once. */
export async function loadQuaySyncFile(file: string, options: LoadOptions): Promise<QuaySyncFile> {
  const text = parseText(await readConfigText(file, options), file);
  const parsed = schema.safeParse(text.value ?? {});
  const mistakes = text.mistakes.length > 0 ? text.mistakes : mistakesOf(parsed.error?.issues ?? [], text);
  if (mistakes.length > 0 || !parsed.success) throw new ConfigError(file, mistakes);
  const { source, destination, destinations, repositories, divergence, prune } = parsed.data;
  return {
    file,
    source,
    destinations: destinations ?? (destination ? [destination] : []),
    repositories,
    include: parsed.data.include ?? [],
    exclude: parsed.data.exclude ?? [],
    companions: parsed.data.with ?? [],
    keepSettings: parsed.data['keep-settings'] ?? false,
    divergence,
    pruneAfterMs: prune,
    cacheFolder: parsed.data['cache-dir'],
  };
}

export interface ListEntry {
  readonly repository: string;
  readonly tag: string | undefined;
}

/** `payments/api:v1`; nothing for what names no repository of an organisation. */
export function readEntry(text: string): ListEntry | undefined {
  const colon = text.lastIndexOf(':');
  const [repository, tag] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
  if (!repository.includes('/') || !isRepositoryName(repository) || isGlob(repository)) return undefined;
  return tag === undefined || isTagName(tag) ? { repository, tag } : undefined;
}

/** Each repository once, with the tags that are meant of it; all of them where one entry names none. */
export function listOf(entries: readonly ListEntry[]): ReadonlyMap<string, ReadonlySet<string> | undefined> {
  const list = new Map<string, Set<string> | undefined>();
  for (const { repository, tag } of entries) {
    const known = list.get(repository);
    if (tag === undefined || (list.has(repository) && known === undefined)) list.set(repository, undefined);
    else list.set(repository, (known ?? new Set<string>()).add(tag));
  }
  return list;
}
