import { foreignSpecs } from './foreign-specs.ts';
import { quayOrgMirrorSpec } from './quay-mirror-specs.ts';
import type { CommandSpec } from './spec.ts';

/** The commands that stand in for other programs, flag by flag. */
export const compatCommands: readonly CommandSpec[] = [
  ...foreignSpecs,
  quayOrgMirrorSpec,
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
