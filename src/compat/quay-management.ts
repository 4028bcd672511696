/** `quay_management_tasks.py`: its flags, its two forms of configuration, what each action needs, what a missing key prints. */
import { isMap, isScalar, parse, parseDocument } from 'yaml';
import type { ArgparseProgram } from './argparse.ts';

/** The actions that speak to Quay's API, in the fixed order in which they run. */
export const apiActions = [
  'initialize-user',
  'add-admin-org',
  'initialize-oauth',
  'manage-orgs',
  'add-proxycache',
  'add-robot-account',
  'take-ownership',
] as const;
export type ApiAction = (typeof apiActions)[number];

/** The actions that need a cluster. */
export const clusterActions = ['setup-quay-openshift', 'add-super-user', 'take-ownership-all-super-users'] as const;

export const program: ArgparseProgram = {
  name: 'quay_management_tasks.py',
  flags: [
    { name: '--config-file', value: 'CONFIG_FILE', required: true, about: 'The full path to the config file' },
    { name: '--setup-quay-openshift', about: 'Install Quay on OpenShift' },
    { name: '--initialize-user', about: 'Create the first user' },
    { name: '--add-super-user', about: 'Add super users to the OpenShift secret' },
    { name: '--add-admin-org', about: 'Create the organization for automation' },
    { name: '--initialize-oauth', about: 'Get a lasting OAuth token' },
    { name: '--manage-orgs', about: 'Create and delete organizations' },
    { name: '--add-proxycache', about: 'Create proxy caches' },
    { name: '--overwrite-proxycache', about: 'Replace proxy caches that exist' },
    { name: '--add-robot-account', about: 'Create robot accounts' },
    { name: '--take-ownership', about: 'Make the Quay user an owner of every organization' },
    { name: '--take-ownership-all-super-users', about: 'The same for every super user' },
    { name: '--configure-secondary-quay-server', about: 'Act on the secondary server' },
    { name: '--destination-quay-install', about: 'Older name of the same' },
    { name: '--openshift-yaml-dir', value: 'OPENSHIFT_YAML_DIR', about: 'Directory of YAML files' },
    { name: '--skip-tls-verify', about: 'Do not check certificates' },
    { name: '--debug', about: 'Say more' },
    { name: '--username', value: 'USERNAME', about: 'Owner of personal robots (older form)' },
    { name: '--password', value: 'PASSWORD', about: 'Unused (older form); better in the environment' },
    { name: '--yes', about: 'Added by tranship: delete organizations without asking' },
    { name: '--write-token-to-config', about: 'Added by tranship: write new tokens into the config file' },
  ],
};

export interface ManagementConfig {
  readonly values: Readonly<Record<string, unknown>>;
  /** `older`: `source_*` and `destination_*`. */
  readonly form: 'older' | 'newer';
}

/**
 * The original reads YAML 1.1, in which `no`, `off` and `yes` are truth values: with another reading `present: no` would make
 * what it should delete. Throws what the YAML parser throws, or an `Error` for a document that is no map.
 */
export function readManagementConfig(text: string): ManagementConfig {
  const values: unknown = parse(text, { version: '1.1', merge: true, maxAliasCount: 100, prettyErrors: true });
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw new Error('the file is no map');
  const keys = Object.keys(values);
  const isNewer = keys.some((key) => /^(?:primary|secondary)_/.test(key));
  const isOlder = keys.some((key) => /^(?:source|destination)_/.test(key));
  return { values: values as Record<string, unknown>, form: isOlder && !isNewer ? 'older' : 'newer' };
}

export type Side = 'primary' | 'secondary' | 'source' | 'destination';

/** Which server an action is for. */
export function sideOf(action: ApiAction, { form, values }: ManagementConfig, secondary: boolean): Side {
  if (form === 'newer') return secondary ? 'secondary' : 'primary';
  if (action === 'initialize-user' || secondary) return 'destination';
  return values['failover'] === true ? 'destination' : 'source';
}

/** The keys that an action needs; a key that is there counts, whatever its value. Tokens are found at run time. */
export function requiredKeys(action: ApiAction, side: Side): readonly string[] {
  const server = `${side}_server`;
  const isOlder = side === 'source' || side === 'destination';
  switch (action) {
    case 'initialize-user':
      return isOlder
        ? [server, `${side}_quay_user`, `${side}_quay_password`]
        : [server, 'initialize_username', 'initialize_password', 'initialize_email'];
    case 'add-admin-org':
    case 'initialize-oauth':
      return [server, 'quay_admin_org'];
    case 'manage-orgs':
      return [server, 'organizations'];
    case 'add-proxycache':
      return [server, 'proxycache'];
    case 'add-robot-account':
      return [server, 'robot_config'];
    case 'take-ownership':
      return [server, `${side}_quay_user`];
  }
}

const descriptions: Readonly<Record<string, string>> = {
  organizations: 'The organizations to manage, as a map: team-a: {present: true}',
  proxycache: 'The proxy caches, as a map: any: {org_name: team-a, upstream_registry: quay.example.com}',
  robot_config: 'The robot accounts, as a map: any: {name: ci, type: org, org_name: team-a}',
  quay_admin_org: 'The organization that holds objects for automation',
  initialize_username: 'The name of the first user',
  initialize_password: 'The password of the first user',
  initialize_email: 'The e-mail address of the first user',
};

/** The block that a missing key prints on standard output. */
export function missingKeyText(key: string): string {
  const type = ['organizations', 'proxycache', 'robot_config'].includes(key) ? 'dict' : 'string';
  const indent = ' '.repeat(24);
  return `${key}:\n${indent}type: ${type}\n${indent}description: ${descriptions[key] ?? sideDescription(key)}\n\n`;
}

function sideDescription(key: string): string {
  const [side = '', ...rest] = key.split('_');
  const what: Readonly<Record<string, string>> = {
    server: 'The URL of the server',
    token: 'The OAuth token',
    quay_user: 'The user of the registry',
    quay_password: 'The password of the registry user',
  };
  return `${what[rest.join('_')] ?? 'A value'} (${side})`;
}

/** `text` with `key` set at the top level, and every other byte as it was. */
export function withKey(text: string, key: string, value: string): string {
  const written = /^[A-Za-z][A-Za-z0-9]*$/.test(value) ? value : JSON.stringify(value);
  const { contents } = parseDocument(text, { keepSourceTokens: true });
  const pair = isMap(contents)
    ? contents.items.find((each) => isScalar(each.key) && each.key.value === key)
    : undefined;
  if (pair === undefined) {
    const ending = text.includes('\r\n') ? '\r\n' : '\n';
    const gap = text === '' || text.endsWith('\n') ? '' : ending;
    return `${text}${gap}${key}: ${written}${ending}`;
  }
  const range = isScalar(pair.value) ? pair.value.range : undefined;
  if (range === undefined || range === null) throw new Error(`the key ${key} holds no plain value`);
  const [start, end] = range;
  const before = text.slice(0, start);
  return `${before}${/[:]$/.test(before) ? ' ' : ''}${written}${text.slice(end)}`;
}
