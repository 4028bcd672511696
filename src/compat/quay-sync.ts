/** The configuration file of `quay_sync.py` in both its forms, and what it means. */

/** One side as the file states it. */
export interface QuaySyncSideText {
  readonly server: string;
  /** In the order in which they are tried: a token of initialisation dies after two and a half hours. */
  readonly tokens: readonly string[];
  readonly login?: { readonly username: string; readonly password: string };
}

export interface QuaySyncSettings {
  readonly form: 'older' | 'newer';
  readonly source: QuaySyncSideText;
  readonly destination: QuaySyncSideText;
  /** Further destinations: a backup mirror. */
  readonly destinations: readonly { readonly server: string; readonly token?: string }[];
  readonly repositories: readonly string[];
  readonly warnings: readonly string[];
}

export interface QuaySyncFlags {
  readonly autoDiscovery: boolean;
  readonly failover: boolean;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export type QuaySyncRead =
  | { readonly settings: QuaySyncSettings }
  | { readonly missing: readonly MissingKey[]; readonly form: 'older' | 'newer' };

export interface MissingKey {
  readonly key: string;
  readonly type: 'string' | 'list';
  readonly about: string;
}

type Values = Readonly<Record<string, unknown>>;

/** Asks only for what the run needs: the servers, a token for each, and a list where nothing is discovered. */
export function readQuaySync(values: Values, flags: QuaySyncFlags): QuaySyncRead {
  const form = Object.keys(values).some((key) => /^(?:primary|secondary)_/.test(key)) ? 'newer' : 'older';
  const [first, second] = form === 'newer' ? ['primary', 'secondary'] : ['source', 'destination'];
  const repositories = listOf(values['repositories']);
  const missing = [
    ...[first, second].flatMap((side) => missingOf(values, side ?? '')),
    ...(flags.autoDiscovery || repositories.length > 0 ? [] : [repositoriesKey]),
  ];
  if (missing.length > 0) return { missing, form };
  const sides = [sideOf(values, first ?? '', flags), sideOf(values, second ?? '', flags)] as const;
  const turned = flags.failover || (form === 'older' && values['failover'] === true);
  return {
    settings: {
      form,
      source: turned ? sides[1] : sides[0],
      destination: turned ? sides[0] : sides[1],
      destinations: destinationsOf(values['destinations']),
      repositories,
      warnings: [...ignoredFamily(values, form), ...ignoredFailover(values, form, flags), ...unknownKeys(values)],
    },
  };
}

const repositoriesKey: MissingKey = {
  key: 'repositories',
  type: 'list',
  about: 'What to copy without --auto-discovery: organisation/repository:tag, one a line',
};

function missingOf(values: Values, side: string): readonly MissingKey[] {
  const server = textOf(values[`${side}_server`]);
  const hasToken = tokensOf(values, side).length > 0;
  return [
    ...(server === undefined
      ? [{ key: `${side}_server`, type: 'string', about: `Address of the ${side} Quay` } as const]
      : []),
    ...(hasToken ? [] : [{ key: `${side}_token`, type: 'string', about: `OAuth token of the ${side} Quay` } as const]),
  ];
}

function sideOf(values: Values, side: string, { username, password }: QuaySyncFlags): QuaySyncSideText {
  const user = username ?? textOf(values[`${side}_quay_user`] ?? values[`${side}_quayuser`]);
  const word = password ?? textOf(values[`${side}_quay_password`] ?? values[`${side}_quaypassword`]);
  return {
    server: textOf(values[`${side}_server`]) ?? '',
    tokens: tokensOf(values, side),
    ...(user !== undefined && word !== undefined && { login: { username: user, password: word } }),
  };
}

function tokensOf(values: Values, side: string): readonly string[] {
  const isDestination = side === 'destination';
  const keys = [`${side}_token`, `${side}_init_token`, ...(isDestination ? ['init_token'] : [])];
  return [...new Set(keys.flatMap((key) => textOf(values[key]) ?? []))];
}

function destinationsOf(value: unknown): QuaySyncSettings['destinations'] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const [server, token] = [textOf(memberOf(entry, 'server')), textOf(memberOf(entry, 'token'))];
    return server === undefined ? [] : [{ server, ...(token !== undefined && { token }) }];
  });
}

function ignoredFamily(values: Values, form: 'older' | 'newer'): readonly string[] {
  if (form === 'older') return [];
  const ignored = Object.keys(values).filter((key) => /^(?:source|destination)_/.test(key));
  return ignored.length === 0 ? [] : [`Ignored, because primary_ and secondary_ keys are there: ${ignored.join(', ')}`];
}

function ignoredFailover(values: Values, form: 'older' | 'newer', { failover }: QuaySyncFlags): readonly string[] {
  if (form === 'older' || values['failover'] !== true || failover) return [];
  return ['Ignored: failover: true. With primary_ and secondary_ keys the flag --failover decides'];
}

/** What the originals' shared file may hold for its other programs. */
const knownKey =
  /^(?:(?:source|destination|primary|secondary)_(?:server|token|init_token|quay_?user|quay_?password|quay_email)|init_token|initialize_.*|failover|repositories|destinations|openshift_.*|quay_.*|robot_config|proxycache|organizations|super_?users?.*|ldap.*|skip_.*|debug)$/;

function unknownKeys(values: Values): readonly string[] {
  const unknown = Object.keys(values).filter((key) => !knownKey.test(key));
  return unknown.length === 0 ? [] : [`Unknown keys are ignored: ${unknown.join(', ')}`];
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((entry: unknown) => textOf(entry) ?? []) : [];
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** Empty counts as missing, as in the original; a number is what a password of digits is read as. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The words of the original for a file that lacks something, then a block for each key that is missing. */
export function missingText({ missing, form }: Extract<QuaySyncRead, { missing: unknown }>): {
  readonly error: string;
  readonly blocks: string;
} {
  const indent = ' '.repeat(form === 'newer' ? 24 : 16);
  const blocks = [...missing]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, type, about }) => `${key}:\n${indent}type: ${type}\n${indent}description: ${about}\n\n`);
  return {
    error:
      form === 'newer'
        ? 'The config file has missing values and/or options'
        : 'Unable to parse the config file. The following are the expected values and format of the config file',
    blocks: blocks.join(''),
  };
}

/** podman's meaning of an entry without a tag. */
export function withLatest(entry: string): string {
  return entry.lastIndexOf(':') > entry.lastIndexOf('/') ? entry : `${entry}:latest`;
}
