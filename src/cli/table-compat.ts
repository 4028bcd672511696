import { foreignSpecs } from './foreign-specs.ts';
import { quayOrgMirrorSpec } from './quay-mirror-specs.ts';
import type { CommandSpec } from './spec.ts';

const quaySyncCompat: CommandSpec = {
  name: 'compat quay-sync',
  summary: 'stands in for quay_sync.py, flag by flag, with both forms of its file',
  details: [
    'Takes --config-file, --username, --password, --skip-tls-verify, --skip-broken-images, --auto-discovery and --failover, and any unambiguous beginning of these; further --destination and --cache-dir. Exits 0, 1 or 2 as the original; with --skip-broken-images 1 where an image failed.',
  ],
  examples: [
    {
      command: 'tranship compat quay-sync --config-file ./sample_config.yaml --auto-discovery --skip-broken-images',
      about: 'as the original was called',
    },
  ],
  options: [],
  raw: true,
  load: () => import('./compat/quay-sync.ts'),
};

/** The commands that stand in for other programs, flag by flag. */
export const compatCommands: readonly CommandSpec[] = [
  ...foreignSpecs,
  quayOrgMirrorSpec,
  quaySyncCompat,
  {
    name: 'compat quay-management',
    summary: 'quay_management_tasks.py: its flags, file, texts and exit codes, for the actions of the API',
    details: [
      'New tokens are kept beside the configuration with mode 0600; --write-token-to-config also writes them into it. Deleting organisations asks, or takes --yes.',
    ],
    examples: [
      {
        command: 'tranship compat quay-management --config-file config.yaml --add-robot-account --add-proxycache',
        about: 'as the original is called',
      },
    ],
    options: [],
    raw: true,
    load: () => import('./compat/quay-management.ts'),
  },
];
