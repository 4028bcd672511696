/** `quay.yaml`: the declared state of one Quay. */
import { type ParsedText, parseText } from './document.ts';
import { mistakesOf } from './issues.ts';
import { type LoadOptions, readConfigText } from './load.ts';
import { ConfigError } from './mistake.ts';
import { quayFileSchema, type WrittenQuayFile } from './quay-file-schema.ts';
import type { DeclaredOrganization, DeclaredQuay, DeclaredRepository } from './quay-state.ts';
import type { SecretReference } from './types.ts';

export interface QuayFile {
  readonly file: string;
  readonly server: QuayFileServer;
  readonly state: DeclaredQuay<WrittenCredentials>;
  /** The text it was read from, for telling where a value comes from. */
  readonly text: ParsedText;
}

interface QuayFileServer {
  readonly url: string;
  readonly token?: SecretReference;
  /** Paths are as written: relative to the file's folder. */
  readonly tls?: { readonly ca?: string; readonly insecure?: boolean };
}

export interface WrittenCredentials {
  readonly username: string | SecretReference;
  readonly password: SecretReference;
}

/** Throws a `ConfigError` that tells every mistake at once, each with file, line and column. */
export async function loadQuayFile(file: string, options: LoadOptions): Promise<QuayFile> {
  return readQuayFile(await readConfigText(file, options), file);
}

/** Reads a declaration from its text; `file` names it in messages. */
export function readQuayFile(content: string, file: string): QuayFile {
  const text = parseText(content, file);
  const parsed = quayFileSchema.safeParse(text.value ?? {});
  const mistakes = text.mistakes.length > 0 ? text.mistakes : mistakesOf(parsed.error?.issues ?? [], text);
  if (mistakes.length > 0 || !parsed.success) throw new ConfigError(file, mistakes);
  const { server, organizations = {}, users } = parsed.data;
  return {
    file,
    text,
    server: renamed({ ...server, tls: server.tls && renamed(server.tls) }),
    state: renamed({
      organizations: mapped(organizations, organizationOf),
      users: users && mapped(users, renamed),
    }),
  };
}

type Written = NonNullable<WrittenQuayFile['organizations']>[string];

function organizationOf(written: Written): DeclaredOrganization<WrittenCredentials> {
  return renamed({
    ...written,
    teams: written.teams && mapped(written.teams, renamed),
    robots: written.robots && mapped(written.robots, renamed),
    'default-permissions': written['default-permissions']?.map(renamed),
    'proxy-cache': written['proxy-cache'] && renamed(written['proxy-cache']),
    quota: written.quota && renamed(written.quota),
    'auto-prune': written['auto-prune']?.map(renamed),
    immutability: written.immutability?.map(renamed),
    applications: written.applications && mapped(written.applications, renamed),
    mirror: written.mirror && renamed(written.mirror),
    repositories: written.repositories && mapped(written.repositories, repositoryOf),
  });
}

function repositoryOf(written: NonNullable<Written['repositories']>[string]): DeclaredRepository<WrittenCredentials> {
  const { mirror } = written;
  return renamed({
    ...written,
    mirror: mirror && renamed({ ...mirror, proxy: mirror.proxy && renamed(mirror.proxy) }),
    'auto-prune': written['auto-prune']?.map(renamed),
    immutability: written.immutability?.map(renamed),
    notifications: written.notifications?.map(renamed),
  });
}

type CamelCase<Key> = Key extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Key;
type Renamed<T> = { [Key in keyof T as CamelCase<Key>]: Exclude<T[Key], undefined> };

/** `auto-prune` → `autoPrune`; what is not there stays away. */
function renamed<T extends object>(fields: T): Renamed<T> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([key, value]) => [key.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), value]),
  ) as Renamed<T>;
}

function mapped<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
