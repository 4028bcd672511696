import { feature, type World } from '../model/world.ts';

/** `GET /config`: every feature flag and a part of the configuration, for anybody. */
export function configDocument(world: World): object {
  const { host, protocol } = new URL(world.origin);
  const on = (name: string) => feature(world, name);
  return {
    account_recovery_mode: false,
    config: {
      AUTHENTICATION_TYPE: authenticationType(world),
      AVATAR_KIND: 'local',
      CONTACT_INFO: [],
      DEBUG: false,
      DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: null,
      ...Object.fromEntries(mirroredFlags.map((name) => [`FEATURE_${name}`, on(name)])),
      LOCAL_OAUTH_HANDLER: '/oauth/localapp',
      PREFERRED_URL_SCHEME: protocol.replace(':', ''),
      QUOTA_BACKFILL: true,
      REGISTRY_TITLE: 'Quay',
      REGISTRY_TITLE_SHORT: 'Quay',
      SEARCH_MAX_RESULT_PAGE_COUNT: 10,
      SEARCH_RESULTS_PER_PAGE: 10,
      SERVER_HOSTNAME: host,
      SETUP_COMPLETE: true,
      TAG_EXPIRATION_OPTIONS: ['0s', '1d', '1w', '2w', '4w'],
    },
    external_login: [],
    features: world.settings.features,
    oauth: {},
    registry_state: 'normal',
    version_number: versionNumber(world),
  };
}

const services = { ldap: 'LDAP', oidc: 'OIDC', keystone: 'Keystone' } as const;

function authenticationType({ directory }: World): string {
  return directory === undefined ? 'Database' : services[directory.service];
}

const mirroredFlags = [
  'ASSIGN_OAUTH_TOKEN',
  'AUTO_PRUNE',
  'EDIT_QUOTA',
  'IMAGE_EXPIRY_TRIGGER',
  'IMMUTABLE_TAGS_CAN_EXPIRE',
  'ORG_MIRROR',
  'PROXY_CACHE',
  'QUOTA_MANAGEMENT',
  'QUOTA_NOTIFICATIONS',
  'REPO_MIRROR',
];

/** The build's own idea of its version, which need not be the truth: the recorded one said 3.11 and was newer than 3.18. */
function versionNumber(world: World): string {
  return world.settings.version === 'main' ? 'Quay v3.11.0' : `Quay v${world.settings.version}.0`;
}
