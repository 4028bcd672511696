import type { Schema } from './schema.ts';

/**
 * What Quay demands of request bodies, by the names its discovery document uses (order of keys matters: it decides which
 * of two mistakes an answer names).
 */
export const schemas = {
  AddLabel: {
    type: 'object',
    required: ['key', 'value', 'media_type'],
    properties: {
      key: { type: 'string' },
      value: { type: 'string' },
      media_type: { type: ['string', 'null'], enum: ['text/plain', 'application/json', null] },
    },
  },
  AutoPrunePolicyConfig: {
    type: 'object',
    required: ['method', 'value'],
    properties: {
      method: { type: 'string' },
      value: { type: ['integer', 'string'] },
      tagPattern: { type: 'string' },
      tagPatternMatches: { type: 'boolean' },
    },
  },
  ChangeRepoState: {
    type: 'object',
    required: ['state'],
    properties: { state: { type: 'string', enum: ['NORMAL', 'READ_ONLY', 'MIRROR'] } },
  },
  ChangeTag: {
    type: 'object',
    properties: {
      manifest_digest: { type: ['string', 'null'] },
      expiration: { type: ['number', 'null'] },
      immutable: { type: 'boolean' },
    },
  },
  ChangeVisibility: {
    type: 'object',
    required: ['visibility'],
    properties: { visibility: { type: 'string', enum: ['public', 'private'] } },
  },
  CreateInstallUser: {
    id: 'CreateInstallUser',
    required: ['username'],
    properties: { username: { type: 'string' }, email: { type: 'string' } },
  },
  CreateMessage: {
    id: 'CreateMessage',
    type: 'object',
    properties: {
      message: {
        type: 'object',
        required: ['content', 'media_type', 'severity'],
        properties: {
          content: { type: 'string' },
          media_type: { type: 'string', enum: ['text/plain', 'text/markdown'] },
          severity: { type: 'string', enum: ['info', 'warning', 'error'] },
        },
      },
    },
  },
  CreateMirrorConfig: {
    type: 'object',
    required: ['external_reference', 'sync_interval', 'sync_start_date', 'root_rule', 'skopeo_timeout_interval'],
    properties: {
      is_enabled: { type: 'boolean' },
      external_reference: { type: 'string' },
      external_registry_username: { type: ['string', 'null'] },
      external_registry_password: { type: ['string', 'null'] },
      sync_start_date: { type: 'string' },
      sync_interval: { type: 'integer', minimum: 0 },
      robot_username: { type: 'string' },
      root_rule: {
        type: 'object',
        required: ['rule_kind', 'rule_value'],
        properties: {
          rule_kind: { type: 'string', enum: ['tag_glob_csv'] },
          rule_value: { type: 'array', items: { type: 'string' } },
        },
      },
      external_registry_config: {
        type: 'object',
        properties: {
          verify_tls: { type: 'boolean' },
          unsigned_images: { type: 'boolean' },
          proxy: {
            type: 'object',
            properties: {
              https_proxy: { type: ['string', 'null'] },
              http_proxy: { type: ['string', 'null'] },
              no_proxy: { type: ['string', 'null'] },
            },
          },
        },
      },
      skopeo_timeout_interval: { type: 'integer', minimum: 300 },
      architecture_filter: { type: ['array', 'null'], items: { type: 'string' } },
    },
  },
  CreateOrgMirrorConfig: {
    type: 'object',
    required: [
      'external_registry_type',
      'external_registry_url',
      'external_namespace',
      'robot_username',
      'visibility',
      'sync_interval',
      'sync_start_date',
    ],
    properties: {
      external_registry_type: { type: 'string', enum: ['harbor', 'quay'] },
      external_registry_url: { type: 'string' },
      external_namespace: { type: 'string', maxLength: 255 },
      robot_username: { type: 'string' },
      visibility: { type: 'string', enum: ['public', 'private'] },
      sync_interval: { type: 'integer', minimum: 60 },
      sync_start_date: { type: 'string' },
      is_enabled: { type: 'boolean', default: true },
      external_registry_username: { type: ['string', 'null'] },
      external_registry_password: { type: ['string', 'null'] },
      external_registry_config: {
        type: 'object',
        properties: {
          verify_tls: { type: 'boolean' },
          proxy: {
            type: 'object',
            properties: {
              https_proxy: { type: ['string', 'null'] },
              http_proxy: { type: ['string', 'null'] },
              no_proxy: { type: ['string', 'null'] },
            },
          },
        },
      },
      repository_filters: { type: 'array', items: { type: 'string' } },
      skopeo_timeout: { type: 'integer', minimum: 30, maximum: 3600, default: 300 },
    },
  },
  CreateRobot: {
    type: 'object',
    properties: { description: { type: 'string', maxLength: 255 }, unstructured_metadata: { type: 'object' } },
  },
  CreateRobotFederation: {
    type: 'array',
    items: {
      type: 'object',
      properties: { issuer: { type: 'string' }, subject: { type: 'string' } },
      required: ['issuer', 'subject'],
    },
  },
  ExpireTag: {
    type: 'object',
    properties: {
      manifest_digest: { type: 'string' },
      include_submanifests: { type: 'boolean' },
      is_alive: { type: 'boolean' },
    },
  },
  ExportLogs: { type: 'object', properties: { callback_url: { type: 'string' }, callback_email: { type: 'string' } } },
  ImmutabilityPolicyConfig: {
    type: 'object',
    required: ['tagPattern'],
    properties: { tagPattern: { type: 'string' }, tagPatternMatches: { type: 'boolean' } },
  },
  NewApp: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string' },
      redirect_uri: { type: 'string' },
      application_uri: { type: 'string' },
      description: { type: 'string' },
      avatar_email: { type: 'string' },
    },
  },
  NewNamespaceQuota: {
    type: 'object',
    oneOf: [
      {
        required: ['limit_bytes'],
        properties: { limit_bytes: { type: 'integer', description: 'Number of bytes the organization is allowed' } },
      },
      {
        required: ['limit'],
        properties: {
          limit: {
            type: 'string',
            description: 'Human readable storage capacity of the organization',
            pattern:
              '^(\\d+\\s?(B|KiB|MiB|GiB|TiB|PiB|EiB|ZiB|YiB|Ki|Mi|Gi|Ti|Pi|Ei|Zi|Yi|KB|MB|GB|TB|PB|EB|ZB|YB|K|M|G|T|P|E|Z|Y)?)$',
          },
        },
      },
    ],
  },
  NewOrg: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string' },
      email: { type: 'string' },
      contact_email: { type: 'string' },
      recaptcha_response: { type: 'string' },
    },
  },
  NewOrgQuota: {
    type: 'object',
    oneOf: [
      {
        required: ['limit_bytes'],
        properties: { limit_bytes: { type: 'integer', description: 'Number of bytes the organization is allowed' } },
      },
      {
        required: ['limit'],
        properties: {
          limit: {
            type: 'string',
            description: 'Human readable storage capacity of the organization',
            pattern:
              '^(\\d+\\s?(B|KiB|MiB|GiB|TiB|PiB|EiB|ZiB|YiB|Ki|Mi|Gi|Ti|Pi|Ei|Zi|Yi|KB|MB|GB|TB|PB|EB|ZB|YB|K|M|G|T|P|E|Z|Y)?)$',
          },
        },
      },
    ],
  },
  NewOrgQuotaLimit: {
    type: 'object',
    required: ['type', 'threshold_percent'],
    properties: { type: { type: 'string' }, threshold_percent: { type: 'integer' } },
  },
  NewPrototype: {
    type: 'object',
    required: ['role', 'delegate'],
    properties: {
      role: { type: 'string', enum: ['read', 'write', 'admin'] },
      activating_user: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      delegate: {
        type: 'object',
        required: ['name', 'kind'],
        properties: { name: { type: 'string' }, kind: { type: 'string', enum: ['user', 'team'] } },
      },
    },
  },
  NewProxyCacheConfig: {
    type: 'object',
    required: ['upstream_registry'],
    properties: { upstream_registry: { type: 'string' } },
  },
  NewRepo: {
    type: 'object',
    required: ['repository', 'visibility', 'description'],
    properties: {
      repository: { type: 'string' },
      visibility: { type: 'string', enum: ['public', 'private'] },
      namespace: { type: 'string' },
      description: { type: 'string' },
      repo_kind: { type: ['string', 'null'], enum: ['image', null] },
    },
  },
  NewStarredRepository: {
    type: 'object',
    required: ['namespace', 'repository'],
    properties: { namespace: { type: 'string' }, repository: { type: 'string' } },
  },
  NewUser: {
    type: 'object',
    required: ['username', 'password'],
    properties: {
      username: { type: 'string' },
      password: { type: 'string' },
      email: { type: 'string' },
      invite_code: { type: 'string' },
      recaptcha_response: { type: 'string' },
    },
  },
  NotificationCreateRequest: {
    type: 'object',
    required: ['event', 'method', 'config', 'eventConfig'],
    properties: {
      event: { type: 'string' },
      method: { type: 'string' },
      config: { type: 'object' },
      eventConfig: { type: 'object' },
      title: { type: 'string' },
    },
  },
  PrototypeUpdate: {
    type: 'object',
    required: ['role'],
    properties: { role: { type: 'string', enum: ['read', 'write', 'admin'] } },
  },
  RepoUpdate: { type: 'object', required: ['description'], properties: { description: { type: 'string' } } },
  RestoreTag: { type: 'object', properties: { manifest_digest: { type: 'string' } } },
  TeamDescription: {
    type: 'object',
    required: ['role'],
    properties: { role: { type: 'string', enum: ['member', 'creator', 'admin'] }, description: { type: 'string' } },
  },
  TeamPermission: {
    type: 'object',
    required: ['role'],
    properties: { role: { type: 'string', enum: ['read', 'write', 'admin'] } },
  },
  UpdateApp: {
    type: 'object',
    required: ['name', 'redirect_uri', 'application_uri'],
    properties: {
      name: { type: 'string' },
      redirect_uri: { type: 'string' },
      application_uri: { type: 'string' },
      description: { type: 'string' },
      avatar_email: { type: 'string' },
    },
  },
  UpdateMirrorConfig: {
    type: 'object',
    properties: {
      is_enabled: { type: 'boolean' },
      external_reference: { type: 'string' },
      external_registry_username: { type: ['string', 'null'] },
      external_registry_password: { type: ['string', 'null'] },
      sync_start_date: { type: 'string' },
      sync_interval: { type: 'integer', minimum: 0 },
      robot_username: { type: 'string' },
      root_rule: {
        type: 'object',
        required: ['rule_kind', 'rule_value'],
        properties: {
          rule_kind: { type: 'string', enum: ['tag_glob_csv'] },
          rule_value: { type: 'array', items: { type: 'string' } },
        },
      },
      external_registry_config: {
        type: 'object',
        properties: {
          verify_tls: { type: 'boolean' },
          unsigned_images: { type: 'boolean' },
          proxy: {
            type: 'object',
            properties: {
              https_proxy: { type: ['string', 'null'] },
              http_proxy: { type: ['string', 'null'] },
              no_proxy: { type: ['string', 'null'] },
            },
          },
        },
      },
      skopeo_timeout_interval: { type: 'integer', minimum: 300 },
      architecture_filter: { type: ['array', 'null'], items: { type: 'string' } },
    },
  },
  UpdateNamespaceQuota: {
    type: 'object',
    oneOf: [
      { properties: { limit_bytes: { type: 'integer' } }, required: ['limit_bytes'], additionalProperties: false },
      {
        properties: {
          limit: {
            type: 'string',
            pattern:
              '^(\\d+\\s?(B|KiB|MiB|GiB|TiB|PiB|EiB|ZiB|YiB|Ki|Mi|Gi|Ti|Pi|Ei|Zi|Yi|KB|MB|GB|TB|PB|EB|ZB|YB|K|M|G|T|P|E|Z|Y)?)$',
          },
        },
        required: ['limit'],
        additionalProperties: false,
      },
      { properties: { limit_bytes: { not: {} }, limit: { not: {} } }, additionalProperties: false },
    ],
  },
  UpdateOrg: { id: 'UpdateOrg', type: 'object', properties: { name: { type: 'string' } } },
  UpdateOrgMirrorConfig: {
    type: 'object',
    properties: {
      is_enabled: { type: 'boolean' },
      external_registry_url: { type: 'string' },
      external_namespace: { type: 'string', maxLength: 255 },
      robot_username: { type: 'string' },
      visibility: { type: 'string', enum: ['public', 'private'] },
      sync_interval: { type: 'integer', minimum: 60 },
      sync_start_date: { type: 'string' },
      external_registry_username: { type: ['string', 'null'] },
      external_registry_password: { type: ['string', 'null'] },
      external_registry_config: { type: 'object' },
      repository_filters: { type: 'array', items: { type: 'string' } },
      skopeo_timeout: { type: 'integer', minimum: 30, maximum: 3600 },
    },
  },
  UpdateOrgQuota: {
    type: 'object',
    oneOf: [
      { properties: { limit_bytes: { type: 'integer' } }, required: ['limit_bytes'], additionalProperties: false },
      {
        properties: {
          limit: {
            type: 'string',
            pattern:
              '^(\\d+\\s?(B|KiB|MiB|GiB|TiB|PiB|EiB|ZiB|YiB|Ki|Mi|Gi|Ti|Pi|Ei|Zi|Yi|KB|MB|GB|TB|PB|EB|ZB|YB|K|M|G|T|P|E|Z|Y)?)$',
          },
        },
        required: ['limit'],
        additionalProperties: false,
      },
      { properties: { limit_bytes: { not: {} }, limit: { not: {} } }, additionalProperties: false },
    ],
  },
  UpdateOrgQuotaLimit: {
    type: 'object',
    properties: { type: { type: 'string' }, threshold_percent: { type: 'integer' } },
  },
  UpdateUser: {
    id: 'UpdateUser',
    type: 'object',
    properties: { password: { type: 'string' }, email: { type: 'string' }, enabled: { type: 'boolean' } },
  },
  UserPermission: {
    type: 'object',
    required: ['role'],
    properties: { role: { type: 'string', enum: ['read', 'write', 'admin'] } },
  },
  NewAppToken: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } },
  NewApplicationToken: {
    type: 'object',
    required: ['name', 'scope'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 255 },
      scope: { type: 'string' },
      expiration: { type: 'number', minimum: 1 },
    },
  },
  SigninUser: {
    type: 'object',
    required: ['username', 'password'],
    properties: { username: { type: 'string' }, password: { type: 'string' }, invite_code: { type: 'string' } },
  },
  VerifyUser: { type: 'object', required: ['password'], properties: { password: { type: 'string' } } },
  ConvertUser: {
    type: 'object',
    required: ['adminUser', 'adminPassword'],
    properties: { adminUser: { type: 'string' }, adminPassword: { type: 'string' }, plan: { type: 'string' } },
  },
  UpdateInstallUser: {
    type: 'object',
    properties: { password: { type: 'string' }, email: { type: 'string' }, enabled: { type: 'boolean' } },
  },
} as const satisfies Record<string, Schema>;

export type SchemaName = keyof typeof schemas;
