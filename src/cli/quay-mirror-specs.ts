import { connectionOptions, dryRunOption, outputOption, yesOption } from './common-options.ts';
import type { CommandSpec, OptionSpec } from './spec.ts';

export const quayOrgMirrorSpec: CommandSpec = {
  name: 'compat quay-org-mirror',
  summary: 'the organisation-mirror CronJob: reads its environment, sets up mirrors, exits 0, 1 or 2',
  details: [
    'Takes SOURCE_REGISTRY, DESTINATION_REGISTRY, NAMESPACE, DESTINATION_ROBOT, TAG_GLOB, SYNC_INTERVAL, DRY_RUN, DEBUG, RECREATE_MIRROR_CONFIG, SOURCE_API_TOKEN, DESTINATION_API_TOKEN, SOURCE_USERNAME and SOURCE_PASSWORD from the environment, each also as a file by NAME_FILE. START_SPREAD, in seconds, spreads the beginnings of new mirrors.',
  ],
  examples: [{ command: 'tranship compat quay-org-mirror', about: 'in the job, with its environment unchanged' }],
  options: [],
  raw: true,
  load: () => import('./compat/quay-org-mirror.ts'),
};

const tokenOptions: readonly OptionSpec[] = [
  { flags: '--token-env <name>', about: 'the token for the destination stands in this variable', group: 'Credentials' },
  {
    flags: '--token-file <file>',
    about: 'or in this file (else TRANSHIP_QUAY_TOKEN, or `quay login`)',
    group: 'Credentials',
  },
];

const waitOptions: readonly OptionSpec[] = [
  { flags: '--wait', about: 'wait until the runs are done', group: 'Transfer' },
  { flags: '--wait-timeout <duration>', about: 'how long to wait at most', group: 'Transfer', fallback: '30m' },
];

const setUpSpec: CommandSpec = {
  name: 'quay mirror',
  args: '<source> <destination>',
  summary: 'make one Quay mirror every repository of an organisation of another',
  details: [
    'Source and destination are written host/organisation; a destination without organisation takes the source’s name. Creates what is missing, changes what differs, and says what it left alone and why. Needs repo:read at the source, repo:admin and repo:create at the destination, and org:admin where the robot is to be made.',
    'Quay’s mirrors delete tags that the source lacks and strip signatures; `tranship quay sync` keeps both.',
  ],
  examples: [
    {
      command: 'tranship quay mirror quay.dc1.example.com/payments quay.dc2.example.com --robot mirror --dry-run',
      about: 'what would be set up',
    },
    {
      command:
        'tranship quay mirror quay.dc1.example.com/payments quay.dc2.example.com --tags "v*" --every 1h --spread 30m',
      about: 'the tags v*, once an hour, not all in the same second',
    },
    { command: 'tranship quay mirror status quay.dc2.example.com/payments', about: 'how they are doing, and why not' },
  ],
  options: [
    {
      flags: '--tags <glob>',
      about: 'tags to mirror, as the shell reads patterns (default *); may be repeated',
      group: 'Selection',
      repeatable: true,
    },
    {
      flags: '--include <glob>',
      about: 'only these repositories; may be repeated',
      group: 'Selection',
      repeatable: true,
    },
    {
      flags: '--exclude <glob>',
      about: 'not these repositories; may be repeated',
      group: 'Selection',
      repeatable: true,
    },
    {
      flags: '--architecture <name>',
      about: 'only this architecture (Quay 3.17 or newer); may be repeated',
      group: 'Selection',
      repeatable: true,
    },
    {
      flags: '--robot <name>',
      about: 'the robot of the destination organisation that writes',
      group: 'Transfer',
      fallback: 'mirror',
    },
    { flags: '--every <duration>', about: 'how often the mirrors run', group: 'Transfer', fallback: '10m' },
    { flags: '--start <time>', about: 'when new mirrors begin (RFC 3339; default now)', group: 'Transfer' },
    { flags: '--spread <duration>', about: 'spread the beginnings of new mirrors over this time', group: 'Transfer' },
    {
      flags: '--timeout <duration>',
      about: 'how long one tag may take, from 5m on (Quay 3.15 or newer)',
      group: 'Transfer',
    },
    {
      flags: '--visibility <which>',
      about: 'of the repositories (new ones: private)',
      group: 'Transfer',
      choices: ['private', 'public', 'source'],
    },
    { flags: '--description <text>', about: 'of the repositories (new ones: Mirrored from HOST)', group: 'Transfer' },
    { flags: '--description-from-source', about: 'take the descriptions of the source', group: 'Transfer' },
    { flags: '--no-tls-verify', about: 'the mirrors do not check the certificate of the source', group: 'Transfer' },
    { flags: '--http-proxy <url>', about: 'proxy of the mirrors for HTTP', group: 'Transfer' },
    { flags: '--https-proxy <url>', about: 'proxy of the mirrors for HTTPS', group: 'Transfer' },
    { flags: '--proxy-except <hosts>', about: 'hosts that the mirrors reach without proxy', group: 'Transfer' },
    {
      flags: '--organization-mirror',
      about: 'let Quay mirror the organisation itself (3.17 or newer, empty organisation)',
      group: 'Transfer',
    },
    { flags: '--sync-now', about: 'start every mirror at once afterwards', group: 'Transfer' },
    ...waitOptions,
    { flags: '--pull-username <name>', about: 'user with whom the mirrors read the source', group: 'Credentials' },
    { flags: '--pull-password-env <name>', about: 'with the password in this variable', group: 'Credentials' },
    { flags: '--pull-password-file <file>', about: 'or in this file', group: 'Credentials' },
    {
      flags: '--source-token-env <name>',
      about: 'the token for the source stands in this variable',
      group: 'Credentials',
    },
    {
      flags: '--source-token-file <file>',
      about: 'or in this file (else TRANSHIP_QUAY_SOURCE_TOKEN, or `quay login`)',
      group: 'Credentials',
    },
    {
      flags: '--anonymous-source',
      about: 'read the source without a token: public repositories alone',
      group: 'Credentials',
    },
    ...tokenOptions,
    {
      flags: '--renew',
      about: 'write existing mirrors again, with the password, which cannot be read back',
      group: 'Safety',
    },
    { flags: '--prune', about: 'delete mirrors whose source is gone for certain', group: 'Safety' },
    { flags: '--max-deletions <n>', about: 'how many at most (default a tenth)', group: 'Safety', count: true },
    dryRunOption,
    yesOption,
    outputOption,
    ...connectionOptions,
  ],
  load: () => import('./commands/quay-mirror.ts'),
};

const jobOptions: readonly OptionSpec[] = [...tokenOptions, outputOption, ...connectionOptions];

/** `quay mirror` stands before the commands below it: their place is made by it. */
export const quayMirrorSpecs: readonly CommandSpec[] = [
  setUpSpec,
  {
    name: 'quay mirror status',
    args: '<destination>',
    summary: 'show how mirrors are doing, and why one failed',
    details: ['An organisation (host/organisation) or one repository. Exits 3 when some failed, 1 when all did.'],
    examples: [
      { command: 'tranship quay mirror status quay.dc2.example.com/payments', about: 'all of an organisation' },
    ],
    options: jobOptions,
    load: () => import('./commands/quay-mirror-status.ts'),
  },
  {
    name: 'quay mirror sync-now',
    args: '<destination>',
    summary: 'start mirrors now',
    examples: [
      {
        command: 'tranship quay mirror sync-now quay.dc2.example.com/payments/api --wait',
        about: 'one, and wait for it',
      },
    ],
    options: [...waitOptions, dryRunOption, ...jobOptions],
    load: () => import('./commands/quay-mirror-sync-now.ts'),
  },
  {
    name: 'quay mirror cancel',
    args: '<destination>',
    summary: 'cancel runs of mirrors; they do not run again until they are started by hand',
    examples: [{ command: 'tranship quay mirror cancel quay.dc2.example.com/payments', about: 'all that run' }],
    options: [dryRunOption, ...jobOptions],
    load: () => import('./commands/quay-mirror-cancel.ts'),
  },
];
