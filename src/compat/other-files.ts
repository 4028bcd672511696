/** Files that stand beside other tools' configurations and are none, told by their shape, so that an error can say what they are. */
import { areLogins } from './readers/image-syncer-auth.ts';
import { recordOf, textOf } from './values.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface OtherFile {
  /** Behind "it is": `a docker compose file`. */
  readonly what: string;
  /** What to do with it, where there is something. */
  readonly hint?: string;
}

/** The kind of a file that no synchroniser reads; `undefined` where its shape says nothing. `FILE` in a hint stands for its name. */
export function otherFile(root: Raw): OtherFile | undefined {
  const found = kinds.find(([fits]) => fits(root));
  if (found === undefined) return undefined;
  const [, what, hint] = found;
  return { what: typeof what === 'string' ? what : what(root), ...(hint !== undefined && { hint }) };
}

type Kind = readonly [fits: (root: Raw) => boolean, what: string | ((root: Raw) => string), hint?: string];

const kinds: readonly Kind[] = [
  [isOurs('Plan'), 'a plan that was saved', 'Carry it out with `tranship apply FILE`.'],
  [isOurs('Report'), 'a report of a run', 'Try its failures again with `tranship sync --retry-failed FILE`.'],
  [isOurs('Crawl'), 'an answer of `tranship crawl -o json`', '`tranship sync --from` takes its CSV.'],
  [
    (root) => isMap(root['organizations']),
    'a declared state of Quay',
    'See what it would change with `tranship quay plan -c FILE`.',
  ],
  [
    hasAny('openshift_yaml_dir', 'robot_config', 'proxycache'),
    'a configuration of quay_management_tasks.py',
    'Use it with `tranship compat quay-management`.',
  ],
  [
    hasAny('source_server', 'primary_server', 'destination_server', 'secondary_server'),
    'a configuration of quay_sync.py',
    'Use it with `tranship compat quay-sync --config-file FILE`.',
  ],
  [(root) => textOf(root['kind']) === 'ImageSetConfiguration', 'an image set of oc-mirror, which is not read here'],
  [
    (root) => textOf(root['apiVersion']) !== undefined && textOf(root['kind']) !== undefined,
    (root) => `a Kubernetes manifest (${textOf(root['kind'])})`,
  ],
  [
    (root) => (textOf(root['apiVersion']) ?? '').startsWith('v') && 'name' in root && 'version' in root,
    "a Helm chart's description",
  ],
  [(root) => Array.isArray(root['resources']) && !('sync' in root), 'a list of resources for kustomize'],
  [
    (root) => Object.values(recordOf(root['services'])).some((one) => hasAny('image', 'build')(recordOf(one))),
    'a docker compose file',
  ],
  [
    (root) => isMap(root['auths']) || isMap(root['credHelpers']),
    "docker's or podman's file of logins",
    'It is used by itself from its usual place, else by `--authfile FILE`.',
  ],
  [
    areLogins,
    "image-syncer's file of logins",
    'Name the file of images; logins are read from beside it, or by `--auth-file-of`.',
  ],
  [
    hasAny('src_registry', 'dest_registry', 'dest_namespace_replace_count'),
    'a replication policy of Harbor, which is not read here',
  ],
  [
    hasAny('localRepositories', 'remoteRepositories', 'rclass'),
    'a configuration of Artifactory, which is not read here',
  ],
  [hasAny('distSpecVersion'), 'a configuration of zot, which is not read here'],
  [
    (root) => 'storage' in root && ('http' in root || 'proxy' in root),
    'a configuration of a distribution registry, which is not read here',
  ],
  [(root) => 'mappings' in root && 'registries' in root, 'a configuration of ocync, which is not read here'],
  [(root) => isMap(root['jobs']) && ('on' in root || 'name' in root || 'true' in root), 'a workflow of GitHub Actions'],
  [(root) => isTexts(root['stages']), 'a pipeline of GitLab'],
  [(root) => Array.isArray(root['default']) && 'transports' in root, 'a signature policy of podman and skopeo'],
  [(root) => textOf(recordOf(root['image'])['repository']) !== undefined, 'a file of Helm values'],
];

function isOurs(kind: string): (root: Raw) => boolean {
  return (root) => textOf(root['apiVersion'])?.startsWith('tranship/') === true && root['kind'] === kind;
}

function hasAny(...keys: readonly string[]): (root: Raw) => boolean {
  return (root) => keys.some((key) => key in root);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

function isMap(value: unknown): boolean {
  return Object.keys(recordOf(value)).length > 0;
}
