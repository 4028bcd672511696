/** Declared state in the words of `quay.yaml`: what `quay export` prints. Secrets are references to where they will be. */
import { stringify } from 'yaml';
import type { DeclaredMirrorCredentials, DeclaredOrganization, DeclaredQuay } from './types.ts';

/** `url` is the file's server. */
export function quayYaml(url: string, state: DeclaredQuay): string {
  const variables = new Set<string>();
  const organizations = Object.fromEntries(
    Object.entries(state.organizations).map(([name, organization]) => [
      name,
      inWords(withReferences(name, organization, variables)),
    ]),
  );
  // Without a token here, the commands take what the environment or `quay login` holds, as the export itself did.
  const document = { version: 1, server: { url }, ...(state.users && { users: state.users }), organizations };
  return `${heading(variables)}${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}

function heading(variables: ReadonlySet<string>): string {
  const lines = [
    'Written by `tranship quay export`. Quay never shows passwords: a password that is not to be had stays as it is.',
    ...(variables.size === 0 ? [] : [`They are looked for in these variables: ${[...variables].join(', ')}.`]),
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}

/** Credentials with a variable where the password would be. */
function withReferences(name: string, organization: DeclaredOrganization, variables: Set<string>): object {
  const referring = <T extends { readonly credentials?: DeclaredMirrorCredentials }>(part: T, ...words: string[]) => {
    if (part.credentials === undefined) return part;
    const variable = variableName(name, ...words);
    variables.add(variable);
    return { ...part, credentials: { username: part.credentials.username, password: { env: variable } } };
  };
  const { mirror, repositories = {} } = organization;
  return {
    ...organization,
    ...(mirror && { mirror: referring(mirror, 'mirror') }),
    repositories: Object.fromEntries(
      Object.entries(repositories).map(([repository, each]) => [
        repository,
        each.mirror === undefined ? each : { ...each, mirror: referring(each.mirror, repository, 'mirror') },
      ]),
    ),
  };
}

/** `QUAY_PAYMENTS_API_MIRROR_PASSWORD` */
function variableName(...parts: string[]): string {
  return ['quay', ...parts, 'password']
    .join('_')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/** Keys whose value is a map from names to objects: the names stay as they are. */
const nameMaps = new Set(['teams', 'robots', 'applications', 'repositories', 'permissions']);
/** Keys whose value is Quay's own and stays as it is. */
const verbatim = new Set(['config', 'eventConfig', 'credentials']);

const units: Readonly<Record<string, (value: unknown) => unknown>> = {
  tagExpiration: duration,
  expiration: duration,
  every: duration,
  timeout: duration,
  limit: (value) => `${value}B`,
  warn: percents,
  reject: percents,
};

/** Keys with hyphens, values with units; what is empty is left out, as it manages nothing. */
function inWords(fields: object): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const word = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (!isEmpty(value)) written[word] = valueInWords(key, value);
  }
  return written;
}

function valueInWords(key: string, value: unknown): unknown {
  const unit = units[key];
  if (unit !== undefined) return unit(value);
  if (verbatim.has(key)) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => (isObject(each) ? inWords(each) : each));
  if (!isObject(value)) return value;
  if (!nameMaps.has(key)) return inWords(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, isObject(each) ? inWords(each) : each]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** An empty map of notification settings is a setting; an empty list or map of objects is nothing. */
function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

const spans = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

function duration(value: unknown): string {
  const seconds = Number(value);
  const span = spans.find(([, length]) => seconds > 0 && seconds % length === 0);
  return span === undefined ? `${seconds}s` : `${seconds / span[1]}${span[0]}`;
}

function percents(value: unknown): unknown {
  return Array.isArray(value) ? value.map((percent) => `${percent}%`) : value;
}
