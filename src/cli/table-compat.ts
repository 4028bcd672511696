import { quayOrgMirrorSpec } from './quay-mirror-specs.ts';
import type { CommandSpec } from './spec.ts';

const convertSpec: CommandSpec = {
  name: 'convert',
  args: '<file>',
  summary: "turn another tool's configuration into tranship.yaml",
  details: [
    'Reads the files of regsync, skopeo sync, dregsy, image-syncer and run-reposync, told by their shape. Prints tranship.yaml; what differs in meaning goes to standard error and into its comments. `plan` and `sync` take such files as they are, too.',
  ],
  examples: [
    { command: 'tranship convert regsync.yml -o tranship.yaml', about: 'written to a file' },
    {
      command: 'tranship convert sync.yaml --to registry.example.com/mirror',
      about: "skopeo's file, which does not say where to",
    },
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

/** The commands that stand in for other programs, flag by flag. */
export const compatCommands: readonly CommandSpec[] = [convertSpec, quayOrgMirrorSpec];
