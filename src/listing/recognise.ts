import type { RegistryKind } from '../config/types.ts';
import type { ResponseHeaders } from '../http/types.ts';

/** What is known of a registry before it is listed. */
export interface Signs {
  /** `host[:port]` as it stands in references. */
  readonly host: string;
  /** The user's own word. Outranks everything. */
  readonly kind?: RegistryKind | undefined;
  /** The headers of `GET /v2/`. */
  readonly headers?: ResponseHeaders | undefined;
  /** The realm of its Bearer challenge. */
  readonly realm?: string | undefined;
}

const byHost: readonly (readonly [RegExp, RegistryKind])[] = [
  [/^(?:index\.|registry-1\.)?docker\.io$/, 'docker-hub'],
  [/^quay\.io$/, 'quay'],
  [/^ghcr\.io$/, 'ghcr'],
  [/\.azurecr\.(?:io|cn|us)$/, 'acr'],
  [/(?:\.pkg\.dev|(?:^|\.)gcr\.io)$/, 'gar'],
  [/^registry\.gitlab\.com$/, 'gitlab'],
  [/(?:\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|^public\.ecr\.aws)$/, 'ecr'],
];

const byRealm: readonly (readonly [RegExp, RegistryKind])[] = [
  [/\/v2\/auth$/, 'quay'],
  [/\/service\/token$/, 'harbor'],
  [/\/jwt\/auth$/, 'gitlab'],
];

/** The kind of a registry: by the user's word, its name, its headers, or the token service that it names. */
export function recognise({ host, kind, headers, realm }: Signs): RegistryKind | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return kind ?? match(byHost, name) ?? ofHeaders(headers) ?? match(byRealm, realm?.replace(/[?#].*$/, '') ?? '');
}

function ofHeaders(headers: ResponseHeaders | undefined): RegistryKind | undefined {
  if (headers?.get('x-sparse-manifest-support') !== undefined) return 'quay';
  if (headers?.get('gitlab-container-registry-version') !== undefined) return 'gitlab';
  return undefined;
}

function match(table: readonly (readonly [RegExp, RegistryKind])[], text: string): RegistryKind | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
