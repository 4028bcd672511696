import { z } from 'zod';
import { parseDuration, parsePercent, parseSize } from '../kit/quantity.ts';
import { secretReference } from './schema-registry.ts';
import { checked, quantity, regex, strict } from './schema-values.ts';

/** The form of `quay.yaml`, as people write it. */
const yes = z.boolean().optional();
const text = z.string().optional();
const present = yes.describe('`false`: it is to be deleted, which needs --prune.');

const seconds = (what: string, example: string) =>
  quantity(what, example, (written) => {
    const milliseconds = parseDuration(written);
    return milliseconds === undefined ? undefined : Math.round(milliseconds / 1000);
  });
const interval = seconds('time between two runs', '10m').refine((value) => value >= 60, 'at least 60s is needed');
const tagTimeout = seconds('time for one tag', '10m').refine((value) => value >= 300, 'at least 5m is needed');
const organizationTimeout = seconds('time for one tag', '10m').refine(
  (value) => value >= 30 && value <= 3600,
  'between 30s and 1h is needed',
);
const percent = quantity('percentage', '80%', parsePercent).refine(
  (value) => Number.isInteger(value) && value >= 1,
  'a whole percentage between 1% and 100% is needed',
);
const percents = z.union([percent.transform((value) => [value]), z.array(percent)]);
const date = checked((written) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(written) && !Number.isNaN(Date.parse(written))
    ? undefined
    : {
        message: `"${written}" is no point in time`,
        hint: 'Write it like 2027-01-31T02:00:00Z, in UTC and to the second.',
      },
);

const role = z.enum(['read', 'write', 'admin']);
const namePattern = '[A-Za-z0-9][A-Za-z0-9._-]*';
/** A robot of another owner has its full name: `robot/stores+puller`. */
const principalGrammar = new RegExp(`^(?:(?:user|team)/${namePattern}|robot/(?:${namePattern}\\+)?${namePattern})$`);
const principal = checked((written) =>
  principalGrammar.test(written)
    ? undefined
    : {
        message: `"${written}" names nobody`,
        hint: 'Write user/NAME, team/NAME, or robot/NAME for a robot of the organisation.',
      },
).transform((written) => written as `user/${string}` | `robot/${string}` | `team/${string}`);
const named = (what: string, grammar: RegExp, hint: string) =>
  checked((written) => (grammar.test(written) ? undefined : { message: `"${written}" is no name of ${what}`, hint }));

/** Quay's own grammar (its answer to a bad name): lower-case letters and digits, with single `.`, `_` or `-` between. */
const organizationName = named(
  'an organisation',
  /^(?=.{2,255}$)[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
  'Small letters and digits, with single ".", "_" or "-" between them.',
);
const repositoryName = named(
  'a repository',
  /^(?=.{1,255}$)[a-z0-9][.a-z0-9_-]*(?:\/[a-z0-9][.a-z0-9_-]*)*$/,
  'Without the organisation in front; small letters, digits, ".", "_", "-" and "/".',
);
const robotName = named(
  'a robot',
  /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
  'The short name: ci, not organisation+ci. Small letters and digits, with single ".", "_" or "-" between them.',
);
const teamName = named('a team', /^[a-z][a-z0-9]+$|^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'Small letters and digits.');
const userName = named('a user', /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, 'Letters, digits, ".", "_" and "-".');
const applicationName = z.string().min(1).max(255);

const credentials = strict({
  username: z.union([z.string().min(1), secretReference]),
  password: secretReference,
}).describe('Quay never shows them again: a password that is not to be had means "unchanged".');

const team = strict({
  present,
  role: z.enum(['member', 'creator', 'admin']).optional(),
  description: text,
  members: z
    .array(
      named(
        'a member',
        new RegExp(`^(?:robot/(?:${namePattern}\\+)?)?${namePattern}$`),
        'Write a user’s name, or robot/NAME for a robot.',
      ),
    )
    .optional(),
  sync: z
    .union([
      strict({ ldap: z.string().min(1) }),
      strict({ oidc: z.string().min(1) }),
      strict({ keystone: z.string().min(1) }),
    ])
    .optional()
    .describe('The directory’s group that its members come from.'),
}).refine(({ members, sync }) => members === undefined || sync === undefined, {
  message: 'a team has either `members` or `sync`: members of a synchronised team come from the directory',
});

const robot = strict({ present, description: z.string().max(255).optional() });

const defaultPermission = strict({ grant: role, to: principal, 'created-by': principal.optional() });

const proxyCache = strict({
  present,
  upstream: z.string().min(1).optional().describe('host, or host/namespace'),
  expiration: seconds('time that a copy is kept', '24h').optional(),
  insecure: yes,
  credentials: credentials.optional(),
}).refine(({ present: is, upstream }) => is === false || upstream !== undefined, {
  message: '`upstream` is missing',
});

const quota = strict({
  present,
  limit: quantity('size', '500GiB', parseSize)
    .refine((value) => value > 0, 'a quota of nothing lets nobody push')
    .optional(),
  warn: percents.optional(),
  reject: percents.optional(),
});

const prune = strict({
  'keep-newest': z.int().min(1).optional(),
  'keep-for': checked((written) =>
    /^[1-9]\d*[smhdw]$/.test(written) ? undefined : `"${written}" is no time such as 7d`,
  ).optional(),
  tags: regex.optional(),
  matches: yes,
}).refine((policy) => (policy['keep-newest'] === undefined) !== (policy['keep-for'] === undefined), {
  message: 'exactly one of `keep-newest` and `keep-for` is needed',
});
const immutability = strict({ tags: regex, matches: yes });

const application = strict({ present, description: text, homepage: text, redirect: text, email: text });

const proxy = strict({ http: text, https: text, none: text });
const sourceGrammar = /^[a-z0-9][a-z0-9.-]*(?::\d+)?(?:\/[a-z0-9][.a-z0-9_-]*)+$/i;
const mirrorSource = checked((written) => {
  if (/^[a-z]+:\/\//i.test(written)) {
    return {
      message: 'the source of a mirror has no scheme in front',
      hint: `Write ${written.replace(/^[a-z]+:\/\//i, '')}.`,
    };
  }
  if (/(:[^/:]+|@[^/]+)$/.test(written)) {
    return { message: 'the source of a mirror is a repository, without a tag', hint: 'Say which tags under `tags`.' };
  }
  return sourceGrammar.test(written) ? undefined : `"${written}" is no repository (host/namespace/repository)`;
});

const mirror = strict({
  enabled: yes,
  from: mirrorSource,
  tags: z.array(z.string().min(1)).min(1).describe('Globs, never regular expressions.'),
  every: interval,
  start: date.optional(),
  robot: robotName,
  credentials: credentials.optional(),
  'verify-tls': yes,
  'unsigned-images': yes,
  proxy: proxy.optional(),
  timeout: tagTimeout.optional(),
  architectures: z.array(z.string().min(1)).optional(),
});

const organizationMirror = strict({
  present,
  enabled: yes,
  kind: z.enum(['quay', 'harbor']).optional(),
  from: z.url({ protocol: /^https?$/ }).optional(),
  namespace: z.string().min(1).optional(),
  robot: robotName.optional(),
  visibility: z.enum(['public', 'private']).optional(),
  every: interval.optional(),
  start: date.optional(),
  credentials: credentials.optional(),
  repositories: z.array(z.string().min(1)).optional(),
  'verify-tls': yes,
  timeout: organizationTimeout.optional(),
}).superRefine((value, context) => {
  if (value.present === false) return;
  for (const key of ['kind', 'from', 'namespace', 'robot', 'every'] as const) {
    if (value[key] === undefined) context.addIssue({ code: 'custom', message: `\`${key}\` is missing` });
  }
});

const notification = strict({
  title: text,
  event: z.string().min(1),
  method: z.string().min(1),
  config: z.record(z.string(), z.unknown()).optional(),
  'event-config': z.record(z.string(), z.unknown()).optional(),
});

const repository = strict({
  present,
  visibility: z.enum(['public', 'private']).optional(),
  description: text,
  state: z.enum(['normal', 'read-only', 'mirror']).optional(),
  permissions: z.record(principal, role).optional(),
  mirror: mirror.optional(),
  'auto-prune': z.array(prune).optional(),
  immutability: z.array(immutability).optional(),
  notifications: z.array(notification).optional(),
});

const organization = strict({
  present,
  email: text,
  'tag-expiration': seconds('time', '2w').optional(),
  teams: z.record(teamName, team).optional(),
  robots: z.record(robotName, robot).optional(),
  'default-permissions': z.array(defaultPermission).optional(),
  'proxy-cache': proxyCache.optional(),
  quota: quota.optional(),
  'auto-prune': z.array(prune).optional(),
  immutability: z.array(immutability).optional(),
  applications: z.record(applicationName, application).optional(),
  mirror: organizationMirror.optional(),
  repositories: z.record(repositoryName, repository).optional(),
});

const user = strict({ present, email: text, enabled: yes });

export const quayFileSchema = strict({
  version: z.literal(1),
  server: strict({
    url: z.string().min(1).describe('https://quay.example.com'),
    token: secretReference.optional().describe('Default: TRANSHIP_QUAY_TOKEN, then what `tranship quay login` keeps.'),
    tls: strict({
      ca: z.string().min(1).optional().describe('PEM file of further certificate authorities.'),
      insecure: yes.describe('No certificate check.'),
    }).optional(),
  }),
  organizations: z.record(organizationName, organization).optional(),
  users: z.record(userName, user).optional(),
});

export type WrittenQuayFile = z.output<typeof quayFileSchema>;
