/** The environment of the organisation-mirror CronJob, as the original read it and with the forms that people write. */

export interface OrgMirrorSettings {
  readonly sourceRegistry: string;
  readonly destinationRegistry: string;
  readonly namespace: string;
  /** In full: `payments+mirror`. */
  readonly robot: string;
  readonly globs: readonly string[];
  /** Seconds. */
  readonly interval: number;
  readonly dryRun: boolean;
  readonly debug: boolean;
  readonly recreate: boolean;
  readonly sourceToken: string;
  readonly destinationToken: string;
  readonly username: string;
  readonly password: string;
  /** Seconds over which new mirrors begin; not known to the original. */
  readonly spread: number;
}

/** Every variable; each may also be given as a file, by `<NAME>_FILE`. */
export const orgMirrorVariables = [
  'SOURCE_REGISTRY',
  'DESTINATION_REGISTRY',
  'NAMESPACE',
  'DESTINATION_ROBOT',
  'TAG_GLOB',
  'SYNC_INTERVAL',
  'DRY_RUN',
  'DEBUG',
  'RECREATE_MIRROR_CONFIG',
  'SOURCE_API_TOKEN',
  'DESTINATION_API_TOKEN',
  'SOURCE_USERNAME',
  'SOURCE_PASSWORD',
  'START_SPREAD',
] as const;

export type OrgMirrorVariable = (typeof orgMirrorVariables)[number];

export type OrgMirrorEnvironment = Readonly<Partial<Record<OrgMirrorVariable, string>>>;

export type ReadEnvironment =
  | { readonly settings: OrgMirrorSettings }
  /** Everything that is missing or malformed, at once, without any value that may be secret. */
  | { readonly problems: readonly string[] };

const shortestInterval = 60;

export function readOrgMirrorEnvironment(environment: OrgMirrorEnvironment): ReadEnvironment {
  const problems: string[] = [];
  const wrong = <T>(problem: string, instead: T): T => {
    problems.push(problem);
    return instead;
  };
  const text = (name: OrgMirrorVariable): string => {
    const value = environment[name]?.trim() ?? '';
    return value === '' ? wrong(`${name} is not set`, '') : value;
  };
  const truth = (name: OrgMirrorVariable): boolean => readTruth(environment[name]) ?? wrong(notTrue(name), false);
  const host = (name: OrgMirrorVariable): string => {
    const value = text(name);
    return value === '' || isHost(value)
      ? value
      : wrong(`${name} is no host name: "${value}" (no scheme, no path)`, value);
  };
  const seconds = (name: OrgMirrorVariable, least: number, fallback?: string): number => {
    const value = fallback === undefined ? text(name) : (environment[name]?.trim() ?? '') || fallback;
    const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (count >= least) return count;
    return value === '' ? 0 : wrong(`${name} is no whole number of seconds from ${least} on: "${value}"`, 0);
  };
  const globs = (): readonly string[] => {
    const value = text('TAG_GLOB');
    const read = value === '' ? [] : readGlobs(value);
    return read ?? wrong(`TAG_GLOB is neither a JSON array of patterns nor a list with commas: ${value}`, []);
  };
  const namespace = text('NAMESPACE');
  const settings: OrgMirrorSettings = {
    sourceRegistry: host('SOURCE_REGISTRY'),
    destinationRegistry: host('DESTINATION_REGISTRY'),
    namespace: isNamespace(namespace)
      ? namespace
      : wrong(`NAMESPACE is no organisation's name: "${namespace}"`, namespace),
    robot: readRobot(text('DESTINATION_ROBOT'), namespace, wrong),
    globs: globs(),
    interval: seconds('SYNC_INTERVAL', shortestInterval),
    dryRun: truth('DRY_RUN'),
    debug: truth('DEBUG'),
    recreate: truth('RECREATE_MIRROR_CONFIG'),
    sourceToken: text('SOURCE_API_TOKEN'),
    destinationToken: text('DESTINATION_API_TOKEN'),
    username: text('SOURCE_USERNAME'),
    password: text('SOURCE_PASSWORD'),
    spread: seconds('START_SPREAD', 0, '0'),
  };
  return problems.length === 0 ? { settings } : { problems };
}

/** A bracket without its end matches no tag at all, and Quay's mirror deletes every tag that no pattern matches. */
function isCutOff(glob: string): boolean {
  return /\[[^\]]*$/.test(glob);
}

/** The JSON array that the original put into its requests, with quotes around it as its document writes it, or `a, b`. */
export function readGlobs(text: string): readonly string[] | undefined {
  const bare = /^'[^]*'$|^"\s*\[[^]*\]\s*"$/.test(text) ? text.slice(1, -1).trim() : text;
  const listed = jsonIn(bare) ?? jsonIn(bare.replaceAll('\\"', '"'));
  if (listed === undefined && /^\[.*["']/.test(bare)) return undefined;
  if (listed !== undefined && !isListOfTexts(listed)) return undefined;
  const globs = (listed ?? bare.split(',')).map((glob) => glob.trim()).filter((glob) => glob !== '');
  return globs.length === 0 || globs.some(isCutOff) ? undefined : globs;
}

/** A list, or `undefined` where the text is none: `[0-9]*` is a pattern. */
function jsonIn(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isListOfTexts(list: readonly unknown[]): list is readonly string[] {
  return list.every((one) => typeof one === 'string');
}

function readTruth(text = ''): boolean | undefined {
  if (/^(?:true|1|yes|on)$/i.test(text.trim())) return true;
  return /^(?:false|0|no|off|)$/i.test(text.trim()) ? false : undefined;
}

function notTrue(name: OrgMirrorVariable): string {
  return `${name} is neither true nor false`;
}

function readRobot(robot: string, namespace: string, wrong: (problem: string, instead: string) => string): string {
  if (robot === '') return '';
  const full = robot.includes('+') ? robot : `${namespace}+${robot}`;
  if (!/^[^+]+\+[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(full)) {
    return wrong(`DESTINATION_ROBOT is no robot's name: "${robot}"`, robot);
  }
  if (full.startsWith(`${namespace}+`)) return full;
  return wrong(`DESTINATION_ROBOT "${robot}" is not of the organisation ${namespace}`, robot);
}

function isHost(text: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.test(text);
}

function isNamespace(text: string): boolean {
  return text === '' || /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(text);
}
