/** How the mirrors of an organisation, or one of them, are doing. */
import { eachBounded } from '../../kit/bounded.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { withoutFraction } from '../declared/mirror.ts';
import { repositoriesOf } from '../pages.ts';
import type { Mirror } from '../replies.ts';
import { lastFailure, type MirrorFailure } from './why.ts';

export interface MirrorScope {
  readonly organization: string;
  /** This repository alone, by its name below the organisation. */
  readonly repository?: string;
}

export interface MirrorStatus {
  /** `namespace/name` */
  readonly repository: string;
  /** `NEVER_RUN`, `SYNC_NOW`, `SYNCING`, `SUCCESS`, `FAIL`, `CANCEL`; `SKIP` in an organisation's mirror. */
  readonly status: string;
  readonly from: string;
  readonly enabled: boolean;
  /** RFC 3339: when the next run is due. */
  readonly next?: string;
  /** How often a failed run is still tried before the next one is due. */
  readonly retries?: number;
  readonly failure?: MirrorFailure;
}

const parallelReads = 8;

/** Every mirror's state; of those that failed also why. Mirrors of the whole organisation stand under their repositories. */
export async function mirrorStatuses(
  quay: QuayClient,
  scope: MirrorScope,
  now: number,
  options: CallOptions = {},
): Promise<readonly MirrorStatus[]> {
  const mirrors = await mirrorsIn(quay, scope, options);
  const single = await eachBounded(mirrors, parallelReads, async ({ repository, mirror }) => {
    const status = statusOf(repository, mirror);
    if (mirror.sync_status !== 'FAIL') return status;
    const failure = await lastFailure(quay, repository, now, options);
    return failure === undefined ? status : { ...status, failure };
  });
  return [...single, ...(await organizationStatuses(quay, scope, options))];
}

export interface FoundMirror {
  readonly repository: string;
  readonly mirror: Mirror;
}

/** The repositories in state MIRROR with a configuration. Throws where one was named and is none. */
export async function mirrorsIn(
  quay: QuayClient,
  { organization, repository }: MirrorScope,
  options: CallOptions = {},
): Promise<readonly FoundMirror[]> {
  if (repository !== undefined) return [await requireMirror(quay, `${organization}/${repository}`, options)];
  const names: string[] = [];
  for await (const { name, state } of repositoriesOf(quay, organization, options)) {
    if (state === 'MIRROR') names.push(`${organization}/${name}`);
  }
  const found = await eachBounded(names, parallelReads, async (name) => {
    const mirror = await quay.find('getMirror', { parameters: { repository: name }, ...options });
    return mirror === undefined ? [] : [{ repository: name, mirror }];
  });
  return found.flat();
}

async function requireMirror(quay: QuayClient, repository: string, options: CallOptions): Promise<FoundMirror> {
  const mirror = await quay.find('getMirror', { parameters: { repository }, ...options });
  if (mirror !== undefined) return { repository, mirror };
  throw new TranshipError('E_QUAY_ABSENT', 'failed', `${repository} is no mirror`, {
    subject: repository,
    hint: 'See the mirrors of its organisation with `tranship quay mirror status`.',
  });
}

export function statusOf(repository: string, mirror: Mirror): MirrorStatus {
  const next = withoutFraction(mirror.sync_start_date);
  return {
    repository,
    status: mirror.sync_status,
    from: mirror.external_reference,
    enabled: mirror.is_enabled,
    ...(next !== undefined && mirror.is_enabled && { next }),
    ...(typeof mirror.sync_retries_remaining === 'number' && { retries: mirror.sync_retries_remaining }),
  };
}

async function organizationStatuses(
  quay: QuayClient,
  { organization, repository }: MirrorScope,
  options: CallOptions,
): Promise<readonly MirrorStatus[]> {
  const offered = quay.features?.isOn('ORG_MIRROR') === true && quay.features.offers('getOrganizationMirror');
  if (!offered || repository !== undefined) return [];
  const at = { parameters: { organization }, ...options };
  const view = await quay.find('getOrganization', at);
  const mirror = view?.is_admin === true ? await quay.find('getOrganizationMirror', at) : undefined;
  if (mirror === undefined) return [];
  const statuses: MirrorStatus[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await quay.call('listMirroredRepositories', { ...at, query: { page, limit: 500 } });
    for (const one of answer.repositories) {
      statuses.push({
        repository: `${organization}/${one.name}`,
        status: one.sync_status,
        from: `${mirror.external_registry_url}/${mirror.external_namespace}/${one.name}`,
        enabled: mirror.is_enabled,
        ...(one.sync_status === 'FAIL' && {
          failure: { reason: one.status_message ?? 'Quay says no more', tags: [], at: one.last_sync_date ?? '' },
        }),
      });
    }
    if (!answer.has_next) break;
  }
  return statuses;
}

/** 500 repositories a page. */
const mostPages = 1000;
