import { connectionOptions, dryRunOption, outputOption, progressOption } from './common-options.ts';
import type { CommandSpec, OptionSpec } from './spec.ts';

const pairOptions: readonly OptionSpec[] = [
  {
    flags: '-c, --config <file>',
    about: 'servers, tokens and what is meant, from a quay-sync.yaml',
    group: 'Selection',
  },
  {
    flags: '--repository <name[:tag]>',
    about: 'only this repository or tag; may be repeated. Default: all that the token sees',
    group: 'Selection',
    repeatable: true,
  },
  { flags: '--include <glob>', about: 'only such repositories; may be repeated', group: 'Selection', repeatable: true },
  { flags: '--exclude <glob>', about: 'no such repositories; may be repeated', group: 'Selection', repeatable: true },
  {
    flags: '--with <list>',
    about: 'bring over too, commas between: teams, default-permissions, robots',
    group: 'Selection',
  },
  { flags: '--failover', about: 'turn the direction: servers, tokens and logins change sides', group: 'Selection' },
  {
    flags: '--divergence <policy>',
    about: 'what to do with tags that someone else set at the destination (default refuse)',
    group: 'Safety',
    choices: ['refuse', 'source-wins', 'newer-wins', 'keep-both'],
  },
  {
    flags: '--source-token-file <file>',
    about: 'token for the source (else TRANSHIP_SOURCE_TOKEN, else `quay login`)',
    group: 'Credentials',
  },
  {
    flags: '--destination-token-file <file>',
    about: 'token for the destination, in their order (else TRANSHIP_DESTINATION_TOKEN, _2 …)',
    group: 'Credentials',
    repeatable: true,
  },
];

export const quaySyncSpecs: readonly CommandSpec[] = [
  {
    name: 'quay sync',
    args: '[server...]',
    summary: 'keep one Quay, or several, equal to another: organisations, repositories, images',
    details: [
      'The first server is the source. Names, certificates, tokens and logins of all sides are looked at before anything is written. What is missing is made, and visibility and description become as at the source; images that differ are copied, each blob read once; expiries and immutable tags are carried over.',
      'A tag that someone else set at the destination is shown as diverged and left alone, and the run ends with 3, unless --divergence says otherwise.',
    ],
    examples: [
      {
        command: 'tranship quay sync quay.dc1.example.com quay.dc2.example.com',
        about: 'everything that the token sees',
      },
      { command: 'tranship quay sync -c quay-sync.yaml --failover', about: 'the other way round' },
      {
        command:
          'tranship quay sync quay.dc1.example.com quay.dc2.example.com --include "payments/**" --with teams,robots',
        about: 'one organisation, with its teams and robots',
      },
    ],
    options: [
      ...pairOptions,
      {
        flags: '--prune <duration>',
        about: 'remove tags that have been gone from the source for so long',
        group: 'Safety',
      },
      {
        flags: '--keep-settings',
        about: 'leave visibility and description of repositories that exist as they are',
        group: 'Selection',
      },
      { flags: '--fail-fast', about: 'begin nothing more once something failed', group: 'Safety' },
      dryRunOption,
      { flags: '-j, --jobs <n>', about: 'images copied at the same time (default 32)', group: 'Transfer', count: true },
      {
        flags: '--cache-dir <dir>',
        about: 'keep what is read in OCI layouts here, one a repository, and read it from there the next time',
        group: 'Transfer',
      },
      {
        flags: '--pull-secrets <file>',
        about: 'write the logins of the destination’s robots (- is standard output); needs org:admin',
        group: 'Output',
      },
      {
        flags: '--pull-secrets-as <form>',
        about: 'as Secret manifests, one a robot, or as one docker configuration',
        group: 'Output',
        choices: ['kubernetes', 'docker'],
        fallback: 'kubernetes',
      },
      { flags: '--robot <name>', about: 'only the logins of this robot (organisation+name)', group: 'Output' },
      {
        flags: '--report <file>',
        about: 'write the report: .json, .html, .md, .csv or .xml (JUnit); may be repeated',
        group: 'Output',
        repeatable: true,
      },
      outputOption,
      progressOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/quay-sync.ts'),
  },
  {
    name: 'quay diff',
    args: '[server...]',
    summary: 'compare two Quays; writes nothing',
    details: [
      'Shows what `quay sync` would do: objects that are missing, tags that differ, tags that someone else set, tags and repositories that only the destination has.',
    ],
    examples: [
      {
        command: 'tranship quay diff quay.dc1.example.com quay.dc2.example.com --exit-code',
        about: 'exit 5 when they differ',
      },
    ],
    options: [
      ...pairOptions,
      { flags: '--exit-code', about: 'exit 5 when there is a difference', group: 'Output' },
      outputOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/quay-diff.ts'),
  },
];
