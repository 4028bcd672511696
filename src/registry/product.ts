import type { ResponseHeaders } from '../http/types.ts';

/** Registry software and services whose ways differ enough to matter. */
export type Product =
  | 'acr'
  | 'artifactory'
  | 'docker-hub'
  | 'ecr'
  | 'ecr-public'
  | 'gcp'
  | 'ghcr'
  | 'gitea'
  | 'gitlab'
  | 'harbor'
  | 'nexus'
  | 'openshift'
  | 'pulp'
  | 'quay'
  | 'zot';

const byHost: readonly (readonly [RegExp, Product])[] = [
  [/(^|\.)docker\.io$/, 'docker-hub'],
  [/^ghcr\.io$/, 'ghcr'],
  [/^quay\.io$/, 'quay'],
  [/\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/, 'ecr'],
  [/^public\.ecr\.aws$/, 'ecr-public'],
  [/\.azurecr\.(io|cn|us)$/, 'acr'],
  [/(\.pkg\.dev|(^|\.)gcr\.io)$/, 'gcp'],
  [/^registry\.gitlab\.com$/, 'gitlab'],
  [/^codeberg\.org$/, 'gitea'],
];

const byRealm: readonly (readonly [RegExp, Product])[] = [
  [/\/v2\/auth$/, 'quay'],
  [/\/service\/token$/, 'harbor'],
  [/\/jwt\/auth$/, 'gitlab'],
  [/\/openshift\/token$/, 'openshift'],
  [/\/artifactory\/api\/docker\//, 'artifactory'],
  [/[./](pkg\.dev|gcr\.io)\/v2\/token$/, 'gcp'],
  [/\/v2\/token$/, 'gitea'],
];

/** The product that a host's name gives away. `host` may carry a port. */
export function productOfHost(host: string): Product | undefined {
  return match(byHost, host.replace(/:\d+$/, '').toLowerCase());
}

/** The product that shows in an answer: its headers, or the realm of its challenge. */
export function productOfAnswer(headers: ResponseHeaders, realm: string | undefined): Product | undefined {
  if (headers.get('x-sparse-manifest-support') !== undefined) return 'quay';
  if (headers.get('x-artifactory-id') !== undefined || headers.get('x-jfrog-version') !== undefined)
    return 'artifactory';
  if (headers.get('x-registry-supports-signatures') !== undefined)
    return headers.get('correlation-id') === undefined ? 'openshift' : 'pulp';
  if (headers.get('gitlab-container-registry-version') !== undefined) return 'gitlab';
  if (/^nexus\//i.test(headers.get('server') ?? '')) return 'nexus';
  return realm === undefined ? undefined : match(byRealm, realm.replace(/[?#].*$/, ''));
}

function match(table: readonly (readonly [RegExp, Product])[], text: string): Product | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
