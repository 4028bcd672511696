import { dryRunOption, outputOption } from './common-options.ts';
import { quayMirrorSpecs } from './quay-mirror-specs.ts';
import { quaySyncSpecs } from './quay-sync-specs.ts';
import type { CommandSpec, OptionSpec } from './spec.ts';

const configOption: OptionSpec = {
  flags: '-c, --config <file>',
  about: 'the declared state (default quay.yaml)',
  group: 'Selection',
};
const serverOptions: readonly OptionSpec[] = [
  { flags: '-s, --server <url>', about: 'the Quay; also from the file of --config', group: 'Selection' },
  { flags: '-c, --config <file>', about: 'take server and token from this quay.yaml', group: 'Selection' },
];
const reachOptions: readonly OptionSpec[] = [
  { flags: '--plain-http', about: 'speak plain HTTP; loopback addresses fall back by themselves', group: 'Connection' },
  { flags: '--insecure', about: 'do not check certificates', group: 'Connection' },
  { flags: '--ca-file <file>', about: 'trust these certificate authorities too (PEM)', group: 'Connection' },
  {
    flags: '--token-file <file>',
    about: 'read the API token from this file; else TRANSHIP_QUAY_TOKEN, else what `quay login` keeps',
    group: 'Credentials',
  },
];
const deletionOptions: readonly OptionSpec[] = [
  { flags: '--prune', about: 'delete what the file says is to be absent', group: 'Safety' },
  {
    flags: '--max-deletions <n>',
    about: 'delete at most so many objects (default a tenth of what is there, at least 3)',
    group: 'Safety',
    count: true,
  },
  { flags: '--renew-passwords', about: 'send passwords again, which cannot be compared', group: 'Selection' },
];
const exitCodeOption: OptionSpec = {
  flags: '--exit-code',
  about: 'exit 5 when there is a difference',
  group: 'Output',
};
const deliveryOptions: readonly OptionSpec[] = [
  { flags: '--out <file>', about: 'put the token into this file, mode 0600', group: 'Output' },
  {
    flags: '--secret <name>',
    about: "print a Kubernetes Secret's manifest of this name ([namespace/]name) with the token",
    group: 'Output',
  },
];
const passwordOptions: readonly OptionSpec[] = [
  { flags: '-u, --username <name>', about: 'the user who signs in', group: 'Credentials' },
  {
    flags: '--password-stdin',
    about: 'read the password from standard input; else TRANSHIP_QUAY_PASSWORD, else it is asked for',
    group: 'Credentials',
  },
];

/** The commands of `tranship quay`. */
export const quayCommands: readonly CommandSpec[] = [
  {
    name: 'quay plan',
    summary: 'show how a Quay differs from its declared state; writes nothing',
    examples: [
      { command: 'tranship quay plan -c quay.yaml', about: 'what apply would do' },
      {
        command: 'tranship quay plan -c quay.yaml --prune --exit-code',
        about: 'deletions too; exit 5 on a difference',
      },
    ],
    options: [configOption, ...deletionOptions, exitCodeOption, outputOption, ...reachOptions],
    load: () => import('./commands/quay-plan.ts'),
  },
  {
    name: 'quay apply',
    summary: 'make a Quay as its declared state says',
    details: [
      'Changes only what differs. What the file asks for and the server or the token cannot do is found out before anything is written. After a failure everything that does not depend on it is still done. Deletions need --prune and stay under a cap.',
    ],
    examples: [
      { command: 'tranship quay apply -c quay.yaml --dry-run', about: 'the plan' },
      { command: 'tranship quay apply -c quay.yaml --prune', about: 'with deletions' },
    ],
    options: [configOption, ...deletionOptions, dryRunOption, exitCodeOption, outputOption, ...reachOptions],
    load: () => import('./commands/quay-apply.ts'),
  },
  {
    name: 'quay export',
    args: '[organization...]',
    summary: 'write the state of organisations as quay.yaml',
    details: ['Passwords cannot be read back from Quay: references stand in their place.'],
    examples: [
      { command: 'tranship quay export -s quay.example.com payments > quay.yaml', about: 'one organisation' },
      { command: 'tranship quay export -s quay.example.com --users > users.yaml', about: 'the users of the server' },
    ],
    options: [
      { flags: '--users', about: 'the users of the server, too; needs super:user', group: 'Selection' },
      ...serverOptions,
      ...reachOptions,
    ],
    load: () => import('./commands/quay-export.ts'),
  },
  {
    name: 'quay bootstrap',
    summary: 'make the first user of an empty Quay, and a token',
    details: [
      'Waits until the server is healthy. Run again after it was killed half-way, it signs in with the password and makes a new token; with a token that lives in the file of --out it does nothing.',
    ],
    examples: [
      {
        command: 'tranship quay bootstrap -s quay.example.com -u admin --email admin@example.com --out token',
        about: 'asks for the password',
      },
    ],
    options: [
      ...serverOptions,
      { flags: '--email <address>', about: 'e-mail of the user', group: 'Selection' },
      {
        flags: '--org <name>',
        about: 'organisation for the application of a recovered token',
        group: 'Selection',
        fallback: 'tranship',
      },
      { flags: '--wait <time>', about: 'how long a starting server is waited for', group: 'Transfer', fallback: '5m' },
      dryRunOption,
      ...deliveryOptions,
      ...passwordOptions,
      ...reachOptions,
    ],
    load: () => import('./commands/quay-bootstrap.ts'),
  },
  {
    name: 'quay token create',
    summary: 'make a lasting API token',
    details: [
      'By the token API (Quay 3.18 and newer, with a token that exists), else by signing in as a browser does, for which --username is needed.',
    ],
    examples: [
      {
        command: 'tranship quay token create -s quay.example.com --org ops --scopes "repo:read user:read" --out token',
        about: 'for reading',
      },
    ],
    options: [
      ...serverOptions,
      { flags: '--org <name>', about: 'organisation that holds the OAuth application', group: 'Selection' },
      { flags: '--application <name>', about: 'its name (default tranship); made where missing', group: 'Selection' },
      { flags: '--scopes <list>', about: 'scopes, blanks or commas between', group: 'Selection' },
      { flags: '--name <text>', about: 'what lists call the token', group: 'Selection' },
      {
        flags: '--expires <time>',
        about: 'lifetime such as 90d (token API only; default ten years)',
        group: 'Selection',
      },
      dryRunOption,
      ...deliveryOptions,
      ...passwordOptions,
      ...reachOptions,
    ],
    load: () => import('./commands/quay-token-create.ts'),
  },
  {
    name: 'quay login',
    args: '<server>',
    summary: 'check an API token and keep it for later',
    examples: [
      { command: 'printenv TOKEN | tranship quay login quay.example.com --token-stdin', about: 'in a script' },
    ],
    options: [
      { flags: '--token-stdin', about: 'read the token from standard input', group: 'Credentials' },
      ...reachOptions.filter(({ flags }) => !flags.startsWith('--token-file')),
    ],
    load: () => import('./commands/quay-login.ts'),
  },
  {
    name: 'quay take-ownership',
    args: '[organization...]',
    summary: 'make a user an owner of organisations',
    examples: [
      { command: 'tranship quay take-ownership -s quay.example.com --all', about: 'of every one; superusers only' },
    ],
    options: [
      ...serverOptions,
      { flags: '--all', about: 'every organisation of the server', group: 'Selection' },
      { flags: '--user <name>', about: "who; default the token's user", group: 'Selection' },
      dryRunOption,
      ...reachOptions,
    ],
    load: () => import('./commands/quay-take-ownership.ts'),
  },
  ...quaySyncSpecs,
  ...quayMirrorSpecs,
];
