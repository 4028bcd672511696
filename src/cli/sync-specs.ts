import { connectionOptions, dryRunOption, outputOption, progressOption, yesOption } from './common-options.ts';
import type { CommandSpec, OptionSpec } from './spec.ts';

export const configOption: OptionSpec = {
  flags: '-c, --config <file>',
  about: 'the configuration, - for standard input (default: tranship.yaml here or in a folder above)',
  group: 'Selection',
};

/** Where everything goes, for files of other tools that do not say (skopeo's). */
const foreignOptions: readonly OptionSpec[] = [
  {
    flags: '--to <host[/namespace]>',
    about: 'where it goes, where the file does not say (skopeo, CSV)',
    group: 'Selection',
  },
  { flags: '--scoped', about: 'with --to: names keep the host and path of their source', group: 'Selection' },
];

export const stageOption: OptionSpec = {
  flags: '--stage <id>',
  about: 'only this stage; may be repeated',
  group: 'Selection',
  repeatable: true,
};

const shardOption: OptionSpec = {
  flags: '--shard <i/n>',
  about: 'only part i of n, divided by repository',
  group: 'Selection',
};

const jobsOption: OptionSpec = {
  flags: '-j, --jobs <n>',
  about: 'images copied at the same time (default 32)',
  group: 'Transfer',
  count: true,
};

const failFastOption: OptionSpec = {
  flags: '--fail-fast',
  about: 'begin nothing more once something failed',
  group: 'Safety',
};

const lockOption: OptionSpec = {
  flags: '--lock-timeout <duration>',
  about: 'wait so long for another run of the same configuration (default 0)',
  group: 'Safety',
};

const reportOption: OptionSpec = {
  flags: '--report <file>',
  about: 'write the report: .json, .html, .md, .csv or .xml (JUnit); may be repeated',
  group: 'Output',
  repeatable: true,
};

/** The commands that keep registries in step by a configuration. */
export const syncSpecs: readonly CommandSpec[] = [
  {
    name: 'plan',
    summary: 'show what differs between the registries of a configuration; writes nothing',
    details: [
      'Every change is shown with its reason, its digests and the bytes that would move after sharing and mounting. What a plan was saved as, `apply` carries out exactly.',
    ],
    examples: [
      { command: 'tranship plan', about: 'by the tranship.yaml of this folder' },
      { command: 'tranship plan -c dr.yaml --save plan.json', about: 'to be carried out later by `tranship apply`' },
      { command: 'tranship plan -c dr.yaml --exit-code -q', about: 'in a pipeline: exit 5 when something differs' },
      { command: 'tranship plan -c dr.yaml --report plan.md', about: 'to be shown in a pull request' },
    ],
    options: [
      configOption,
      ...foreignOptions,
      stageOption,
      shardOption,
      jobsOption,
      { flags: '--save <file>', about: 'write the plan to a file', group: 'Output' },
      {
        flags: '--report <file>',
        about: 'write the plan for people: .md (for a pull request), or .json; may be repeated',
        group: 'Output',
        repeatable: true,
      },
      { flags: '--exit-code', about: 'exit 5 when there is a difference', group: 'Output' },
      outputOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'sync',
    summary: 'make the destinations of a configuration hold what its sources hold',
    details: [
      'Plans and carries out repository by repository. What is the same costs almost nothing and is not touched; what failed for a reason that may pass is tried again at the end. A run that was stopped is gone on with by starting it again.',
    ],
    examples: [
      { command: 'tranship sync', about: 'by the tranship.yaml of this folder' },
      { command: 'tranship sync -c dr.yaml --report run.html --report run.json', about: 'with a page about the run' },
      { command: 'tranship sync -c dr.yaml --retry-failed run.json', about: 'only what failed the last time' },
    ],
    options: [
      configOption,
      ...foreignOptions,
      stageOption,
      shardOption,
      { flags: '--from <tags.csv>', about: 'copy what a crawl wrote down, by digest; with --to', group: 'Selection' },
      {
        flags: '--source <host>',
        about: 'with --from: the registry, where the file does not name it',
        group: 'Selection',
      },
      { flags: '--retry-failed <report>', about: 'only what failed in this JSON report', group: 'Selection' },
      jobsOption,
      dryRunOption,
      failFastOption,
      { flags: '--no-prune', about: 'remove nothing, whatever the configuration says', group: 'Safety' },
      lockOption,
      reportOption,
      outputOption,
      progressOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/sync.ts'),
  },
  {
    name: 'apply',
    args: '<plan>',
    summary: 'carry out a saved plan: exactly that, or not at all where the world moved',
    details: [
      'Each tag is looked at again on both sides. Where one names something else than when the plan was made, nothing is done with it and the exit code is 6.',
    ],
    examples: [{ command: 'tranship apply plan.json', about: 'by the configuration that the plan was made from' }],
    options: [
      { ...configOption, about: 'the configuration (default: the one that the plan was made from)' },
      ...foreignOptions,
      jobsOption,
      dryRunOption,
      failFastOption,
      lockOption,
      reportOption,
      outputOption,
      progressOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/apply.ts'),
  },
  {
    name: 'prune',
    summary: 'remove from the destinations what is gone from the sources, where the configuration says `prune`',
    details: [
      'Shows first what would go and asks. Only tags that earlier runs saw at the source and that have been gone long enough are touched, never more than the limits under `prune` allow.',
    ],
    examples: [
      { command: 'tranship prune --dry-run', about: 'what would be removed' },
      { command: 'tranship prune -c dr.yaml --yes', about: 'in a script' },
    ],
    options: [
      configOption,
      ...foreignOptions,
      stageOption,
      shardOption,
      dryRunOption,
      yesOption,
      lockOption,
      reportOption,
      outputOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/prune.ts'),
  },
  {
    name: 'verify',
    summary: 'look whether the destinations hold everything: every manifest, every blob, every referrer',
    details: [
      'Compares the tags, then walks each image at the destination down to its layers. --full reads every blob and checks its digest. --repair copies again what is missing or wrong.',
    ],
    examples: [
      { command: 'tranship verify -c dr.yaml', about: 'is everything there?' },
      { command: 'tranship verify -c dr.yaml --full --repair', about: 'is every byte right? If not, mend it' },
      { command: 'tranship verify -c dr.yaml --report found.xml', about: 'for a pipeline that shows tests' },
    ],
    options: [
      configOption,
      ...foreignOptions,
      stageOption,
      shardOption,
      jobsOption,
      { flags: '--full', about: 'read every blob and check its digest', group: 'Selection' },
      { flags: '--repair', about: 'copy again what is missing or wrong', group: 'Transfer' },
      lockOption,
      {
        ...reportOption,
        about: 'write what was found: .json, .md, .csv or .xml (JUnit); may be repeated',
      },
      outputOption,
      progressOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'config validate',
    args: '[file]',
    summary: 'check a configuration and tell every mistake at once',
    examples: [
      { command: 'tranship config validate dr.yaml', about: 'each with line and column' },
      { command: 'tranship config validate regsync.yml', about: "another tool's file, with what would differ" },
    ],
    options: [configOption, ...foreignOptions],
    load: () => import('./commands/config-validate.ts'),
  },
  {
    name: 'config show',
    args: '[file]',
    summary: 'show what a configuration means, with all defaults filled in',
    examples: [
      { command: 'tranship config show --origin', about: 'which line of which file set each value' },
      { command: 'tranship config show -o json', about: 'for a program' },
    ],
    options: [
      configOption,
      { flags: '--origin', about: 'where each value comes from', group: 'Output' },
      outputOption,
      ...foreignOptions,
    ],
    load: () => import('./commands/config-show.ts'),
  },
  {
    name: 'config schema',
    args: '[what]',
    summary: 'print the JSON Schema of the configuration, of a plan or of a report',
    examples: [
      { command: 'tranship config schema > tranship.schema.json', about: 'for editors' },
      { command: 'tranship config schema plan', about: 'what `plan -o json` prints' },
    ],
    options: [],
    load: () => import('./commands/config-schema.ts'),
  },
  {
    name: 'init',
    args: '[file]',
    summary: 'write a commented configuration to start from',
    examples: [
      { command: 'tranship init', about: 'tranship.yaml in this folder' },
      { command: 'tranship init dr.yaml --from registry.example.com --to dr.example.com', about: 'with names' },
    ],
    options: [
      { flags: '--from <registry>', about: 'the registry to copy from', group: 'Selection' },
      { flags: '--to <registry>', about: 'the registry to copy to', group: 'Selection' },
      { flags: '--force', about: 'write over a file that is there', group: 'Safety' },
    ],
    load: () => import('./commands/init.ts'),
  },
];
