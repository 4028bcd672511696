/** Quay's own mirroring of a whole organisation: whether it fits, which is said in every run, and setting it up. */
import { countText } from '../../kit/quantity.ts';
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import type { QuayChange } from '../declared/change.ts';
import { compareOrganizationMirror } from '../declared/organization-mirror.ts';
import type { DeclaredOrganizationMirror } from '../declared/types.ts';
import type { OrganizationView } from '../replies.ts';
import { type MirrorSetup, shortName } from './setup.ts';

export interface OrganizationMirrorFit {
  readonly fits: boolean;
  /** Why not, each a part of a sentence. */
  readonly reasons: readonly string[];
  /** It is set up already. */
  readonly exists: boolean;
}

/** What stands against it at this destination and for this setup. Asks at most two questions, and only where they may be. */
export async function organizationMirrorFit(
  quay: QuayClient,
  setup: MirrorSetup,
  view: OrganizationView,
  repositories: number,
  options: CallOptions = {},
): Promise<OrganizationMirrorFit> {
  const { organization } = setup;
  const offered = quay.features?.isOn('ORG_MIRROR') === true && quay.features.offers('createOrganizationMirror');
  const mayAsk = offered && view.is_admin;
  const at = { parameters: { organization }, ...options };
  const existing = mayAsk ? await quay.find('getOrganizationMirror', at) : undefined;
  const cache =
    mayAsk && quay.features.isOn('PROXY_CACHE') && existing === undefined
      ? await quay.find('getProxyCache', at)
      : undefined;
  const reasons = [
    ...(offered ? [] : ['this Quay has no organisation mirrors (3.17 or newer, with FEATURE_ORG_MIRROR)']),
    ...(offered && !view.is_admin ? ['the token lacks org:admin'] : []),
    ...(existing === undefined && repositories > 0
      ? [`the organisation holds ${countText(repositories, 'repository', 'repositories')}`]
      : []),
    ...((cache?.upstream_registry ?? '') === '' ? [] : ['the organisation is a proxy cache']),
    ...(setup.tags.includes('*') ? [] : ['it would take every tag']),
    ...(setup.architectures === undefined ? [] : ['it would take every architecture']),
    ...(setup.timeout !== undefined && (setup.timeout < 30 || setup.timeout > 3600)
      ? ['its time-out per tag is 30 s to 1 h']
      : []),
  ];
  return { fits: reasons.length === 0, reasons, exists: existing !== undefined };
}

/** What has to change for Quay to mirror the organisation itself. Throws where that does not fit. */
export async function planOrganizationMirror(
  quay: QuayClient,
  setup: MirrorSetup,
  fit: OrganizationMirrorFit,
  now: string,
  sourceUrl: string,
  options: CallOptions = {},
): Promise<readonly QuayChange[]> {
  if (!fit.fits) throw doesNotFit(quay, setup.organization, fit);
  const { organization } = setup;
  const observed = await quay.find('getOrganizationMirror', { parameters: { organization }, ...options });
  const start = setup.start ?? now;
  const { changes } = compareOrganizationMirror(declaredOrganizationMirror(setup, sourceUrl), observed, {
    organization,
    now: start,
    renewPassword: setup.renew === true,
  });
  return changes;
}

function declaredOrganizationMirror(setup: MirrorSetup, sourceUrl: string): DeclaredOrganizationMirror {
  const { source, robot, every, visibility, credentials, timeout, verifyTls } = setup;
  return {
    kind: 'quay',
    from: sourceUrl,
    namespace: source.organization,
    robot: shortName(robot),
    every,
    ...(visibility !== undefined && visibility !== 'source' && { visibility }),
    ...(credentials && { credentials }),
    ...(timeout !== undefined && { timeout }),
    ...(verifyTls !== undefined && { verifyTls }),
  };
}

function doesNotFit(quay: QuayClient, organization: string, { reasons }: OrganizationMirrorFit): TranshipError {
  return new TranshipError(
    'E_QUAY_ORG_MIRROR',
    'usage',
    `Quay cannot mirror the organisation ${organization} by itself: ${reasons.join('; ')}`,
    {
      side: 'destination',
      subject: quay.server,
      hint: 'Leave --organization-mirror out: its repositories are then mirrored one by one.',
    },
  );
}
