import { connectionOptions } from './common-options.ts';
import type { CommandSpec } from './spec.ts';

const convertSpec: CommandSpec = {
  name: 'convert',
  args: '<file>',
  summary: "turn another tool's configuration into tranship.yaml",
  details: [
    'Of a folder it says which of the files in it are configurations, whose, and how each is converted.',
    'Reads the files of regsync, skopeo sync, dregsy, image-syncer and run-reposync, told by their shape. Prints tranship.yaml; what differs in meaning goes to standard error and into its comments. `plan` and `sync` take such files as they are, too.',
  ],
  examples: [
    { command: 'tranship convert regsync.yml -o tranship.yaml', about: 'written to a file' },
    {
      command: 'tranship convert sync.yaml --to registry.example.com/mirror',
      about: "skopeo's file, which does not say where to",
    },
    { command: 'tranship convert ./old-configs', about: 'what is in a folder' },
  ],
  options: [
    { flags: '-o, --out <file>', about: 'write to this file instead of standard output', group: 'Output' },
    { flags: '--force', about: 'write over a file that is there', group: 'Safety' },
    { flags: '--to <host[/namespace]>', about: "where the images of skopeo's YAML go", group: 'Selection' },
    { flags: '--scoped', about: 'with --to: names keep the host and path of their source', group: 'Selection' },
    {
      flags: '--auth-file-of <file>',
      about: "image-syncer's logins (default: auth.yaml or auth.json beside it)",
      group: 'Credentials',
    },
  ],
  load: () => import('./commands/convert.ts'),
};

const crawlSpec: CommandSpec = {
  name: 'crawl',
  args: '<registry...>',
  summary: 'write down repositories and tags of registries or namespaces, with digests and times, as CSV or JSON',
  details: ['`sync --from` copies what a CSV says, by digest. Times are there where the registry tells them.'],
  examples: [
    { command: 'tranship crawl registry.example.com/team > tags.csv', about: 'one namespace' },
    { command: 'tranship sync --from tags.csv --to dr.example.com', about: 'and to another registry, as it was then' },
  ],
  options: [
    {
      flags: '-o, --output <format>',
      about: 'the form of the answer',
      group: 'Output',
      choices: ['csv', 'json'],
      fallback: 'csv',
    },
    ...connectionOptions,
  ],
  load: () => import('./commands/crawl.ts'),
};

const reposyncSpec: CommandSpec = {
  name: 'compat run-reposync',
  args: '[arguments...]',
  summary: 'stand in for run-reposync: its flags, files, texts and exit codes',
  examples: [
    { command: 'tranship compat run-reposync -c sync-cfg.yaml --verify-only', about: 'check a configuration' },
    {
      command: 'tranship compat run-reposync sync-cfg.yaml --tracebacks-file errors.txt',
      about: 'as the newer ones are called',
    },
  ],
  options: [],
  raw: true,
  load: () => import('./commands/compat-run-reposync.ts'),
};

const registrySyncSpec: CommandSpec = {
  name: 'compat registry-sync',
  args: '[arguments...]',
  summary: 'stand in for registry-sync: crawl an Azure registry into CSV files, copy what they say',
  examples: [
    {
      command: 'tranship compat registry-sync crawl --registry-name acme --workdir /data',
      about: 'writes /data/tags.csv',
    },
    {
      command:
        'tranship compat registry-sync sync --source-registry-name acme --target-namespace mirror --workdir /data',
      about: 'copies what it says',
    },
  ],
  options: [],
  raw: true,
  load: () => import('./commands/compat-registry-sync.ts'),
};

const linkSpec: CommandSpec = {
  name: 'compat link',
  args: '<folder>',
  summary: "make the originals' names run tranship, which then acts as the original",
  details: [
    'The folder is one of its own, put first in PATH where the names are wanted: `sync` is also a command of the system.',
  ],
  examples: [
    { command: 'tranship compat link /opt/tranship/names', about: 'run-reposync, registry-sync, crawl, sync …' },
  ],
  options: [],
  load: () => import('./commands/compat-link.ts'),
};

/** Reading other tools' files, and standing in for those that copy. */
export const foreignSpecs: readonly CommandSpec[] = [convertSpec, crawlSpec, reposyncSpec, registrySyncSpec, linkSpec];
