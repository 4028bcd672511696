import { connectionOptions, dryRunOption, outputOption, progressOption, yesOption } from './common-options.ts';
import type { CommandSpec } from './spec.ts';
import { configOption, stageOption, syncSpecs } from './sync-specs.ts';
import { compatCommands } from './table-compat.ts';
import { quayCommands } from './table-quay.ts';

/** Every command. It is data, so that help, completion and the reference need no command's code. */
export const commandTable: readonly CommandSpec[] = [
  {
    name: 'copy',
    args: '<source> <destination...>',
    summary: 'copy an image, or every tag of a repository, to one or several places',
    details: [
      'All platforms, signatures, SBOMs and attestations travel along; manifests keep every byte, so digests stay. What a destination has is not sent again. With several destinations the source is read once. Prints the reference with its digest for every destination.',
    ],
    examples: [
      {
        command: 'tranship copy docker.io/library/alpine:3.20 registry.example.com/base/alpine:3.20',
        about: 'one image from one registry to another',
      },
      {
        command: 'tranship copy registry.example.com/app:1.4 dr.example.com/app:1.4 oci-archive:app.tar:1.4',
        about: 'to two places, reading the source once',
      },
      {
        command: 'tranship copy --all-tags registry.example.com/app dr.example.com/app --dry-run',
        about: 'what copying a whole repository would do',
      },
    ],
    options: [
      { flags: '-a, --all-tags', about: 'every tag of the source repository', group: 'Selection' },
      {
        flags: '--platform <os/arch[/variant]>',
        about: 'only this platform of an index; may be repeated',
        group: 'Selection',
        repeatable: true,
      },
      {
        flags: '--no-referrers',
        about: 'leave signatures, SBOMs and attestations behind',
        group: 'Selection',
      },
      {
        flags: '--foreign-layers',
        about: 'copy layers too whose terms keep them off other registries',
        group: 'Selection',
      },
      { flags: '-j, --jobs <n>', about: 'tags copied at the same time (default 16)', group: 'Transfer', count: true },
      dryRunOption,
      outputOption,
      progressOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/copy.ts'),
  },
  {
    name: 'inspect',
    args: '<reference>',
    summary: 'show what an image is: platforms, layers, sizes, labels, referrers',
    examples: [
      { command: 'tranship inspect registry.example.com/app:1.4', about: 'for a person' },
      { command: 'tranship inspect -o json oci:./app:1.4 | jq .totalSize', about: 'for a program' },
    ],
    options: [outputOption, ...connectionOptions],
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'manifest',
    args: '<reference>',
    summary: 'print a manifest, byte for byte',
    examples: [
      { command: 'tranship manifest registry.example.com/app:1.4 | sha256sum', about: 'its digest, checked by hand' },
    ],
    options: [...connectionOptions],
    load: () => import('./commands/manifest.ts'),
  },
  {
    name: 'digest',
    args: '<reference>',
    summary: 'print the digest that a reference names now',
    examples: [{ command: 'tranship digest registry.example.com/app:1.4', about: 'sha256:…' }],
    options: [...connectionOptions],
    load: () => import('./commands/digest.ts'),
  },
  {
    name: 'tags',
    args: '<repository>',
    summary: 'list the tags of a repository, one on each line',
    examples: [
      { command: 'tranship tags registry.example.com/app', about: 'as the registry orders them' },
      {
        command: 'tranship tags registry.example.com/app --explain',
        about: 'what the rules of tranship.yaml make of each, and why',
      },
    ],
    options: [
      {
        flags: '--explain',
        about: 'tell for each tag which rule of the configuration keeps or drops it',
        group: 'Selection',
      },
      configOption,
      stageOption,
      outputOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/tags.ts'),
  },
  {
    name: 'repos',
    args: '<registry>',
    summary: 'list the repositories of a registry, or of a namespace in it',
    examples: [
      { command: 'tranship repos registry.example.com', about: 'all that the registry shows us' },
      { command: 'tranship repos registry.example.com/team', about: 'those below team/' },
    ],
    options: [outputOption, ...connectionOptions],
    load: () => import('./commands/repos.ts'),
  },
  {
    name: 'referrers',
    args: '<reference>',
    summary: 'show what refers to an image (signatures, SBOMs, attestations) as a tree',
    examples: [
      { command: 'tranship referrers registry.example.com/app:1.4', about: 'with what refers to those in turn' },
    ],
    options: [
      { flags: '--type <artifact-type>', about: 'only referrers of this artifact type', group: 'Selection' },
      outputOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/referrers.ts'),
  },
  {
    name: 'diff',
    args: '<a> <b>',
    summary: 'compare two references, repositories, namespaces or registries; writes nothing',
    details: [
      'What ends in a tag or a digest is compared as an image, a registry alone or a path ending in / as everything below it, anything else as a repository.',
    ],
    examples: [
      { command: 'tranship diff registry.example.com/app dr.example.com/app', about: 'tag by tag' },
      {
        command: 'tranship diff --exit-code registry.example.com/team/ dr.example.com/team/',
        about: 'a whole namespace; exit 5 when anything differs',
      },
    ],
    options: [
      { flags: '--exit-code', about: 'exit 5 when there is a difference', group: 'Output' },
      outputOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/diff.ts'),
  },
  {
    name: 'tag',
    args: '<reference> <tag...>',
    summary: 'give an image further tags in its repository',
    examples: [{ command: 'tranship tag registry.example.com/app:1.4.2 1.4 latest', about: 'two more tags' }],
    options: [dryRunOption, ...connectionOptions],
    load: () => import('./commands/tag.ts'),
  },
  {
    name: 'delete',
    args: '<reference>',
    summary: 'delete a tag, or a manifest by its digest',
    examples: [
      { command: 'tranship delete registry.example.com/app:pr-12', about: 'asks first; the manifest stays' },
      { command: 'tranship delete --yes registry.example.com/app@sha256:…', about: 'with every tag on it' },
    ],
    options: [yesOption, dryRunOption, ...connectionOptions],
    load: () => import('./commands/delete.ts'),
  },
  {
    name: 'login',
    args: '<registry>',
    summary: 'check a user name and password and keep them for later',
    details: [
      'Kept by the credential helper that the docker or podman file names, else in that file with mode 0600. A password is never taken from the command line, where every user of the machine can read it.',
    ],
    examples: [
      { command: 'tranship login registry.example.com', about: 'asks for user and password' },
      {
        command: 'printenv TOKEN | tranship login registry.example.com --username ci --password-stdin',
        about: 'in a script',
      },
    ],
    options: [
      { flags: '-u, --username <name>', about: 'the user', group: 'Credentials' },
      { flags: '--password-stdin', about: 'read the password from standard input', group: 'Credentials' },
      { flags: '--no-check', about: 'keep them without trying them', group: 'Safety' },
      ...connectionOptions,
    ],
    load: () => import('./commands/login.ts'),
  },
  {
    name: 'logout',
    args: '<registry>',
    summary: 'forget the credentials of a registry',
    examples: [{ command: 'tranship logout registry.example.com', about: 'in every usual file and helper' }],
    options: [...connectionOptions],
    load: () => import('./commands/logout.ts'),
  },
  {
    name: 'doctor',
    args: '<registry>',
    summary: 'find out why pulling from or pushing to a registry does not work',
    details: [
      'Looks at name resolution, connection, certificates, proxy, the API, credentials, the rights on a repository, the clock and the features of the registry. Writes nothing; with --write it asks for the right to push to a repository that exists.',
    ],
    examples: [
      { command: 'tranship doctor registry.example.com', about: 'the registry itself' },
      { command: 'tranship doctor registry.example.com/team/app --write', about: 'and whether we may push there' },
    ],
    options: [
      { flags: '--write', about: 'also ask for the right to push to an existing repository', group: 'Selection' },
      outputOption,
      ...connectionOptions,
    ],
    load: () => import('./commands/doctor.ts'),
  },
  ...syncSpecs,
  {
    name: 'serve',
    args: '[directory]',
    summary: 'run a registry on an OCI layout',
    examples: [
      { command: 'tranship serve', about: 'a registry on 127.0.0.1:5000 that lasts until it is stopped' },
      {
        command: 'tranship serve ./images --listen 0.0.0.0:5000 --cert tls.crt --key tls.key --htpasswd users',
        about: 'what is in ./images, with TLS and users',
      },
    ],
    options: [
      { flags: '-l, --listen <address>', about: 'where to listen', group: 'Server', fallback: '127.0.0.1:5000' },
      { flags: '--read-only', about: 'refuse everything that writes', group: 'Server' },
      { flags: '--no-delete', about: 'refuse deletions', group: 'Server' },
      { flags: '--cert <file>', about: 'certificate chain (PEM); needs --key', group: 'Server' },
      { flags: '--key <file>', about: 'private key (PEM)', group: 'Server' },
      { flags: '--user <name>', about: 'ask for this user', group: 'Server' },
      { flags: '--password-file <file>', about: 'with the password in this file', group: 'Server' },
      {
        flags: '--password-env <name>',
        about: 'or in this environment variable',
        group: 'Server',
      },
      { flags: '--htpasswd <file>', about: 'ask for one of these users', group: 'Server' },
      { flags: '--anonymous-pull', about: 'let everybody read', group: 'Server' },
      { flags: '--token-auth', about: 'hand out tokens instead of taking the password each time', group: 'Server' },
    ],
    load: () => import('./commands/serve.ts'),
  },
  ...quayCommands,
  ...compatCommands,
  {
    name: 'version',
    summary: 'print the version',
    examples: [{ command: 'tranship version -o json', about: 'with Node and platform' }],
    options: [outputOption],
    alone: true,
    load: () => import('./commands/version.ts'),
  },
  {
    name: 'explain',
    args: '[code]',
    summary: 'say what an error code means and what to do',
    examples: [{ command: 'tranship explain E_TLS_UNKNOWN_CA', about: 'one code; without one, all of them' }],
    options: [],
    alone: true,
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'help',
    args: '[topic...]',
    summary: 'help for a command, or on exit-codes',
    examples: [{ command: 'tranship help exit-codes', about: 'what each exit code means' }],
    options: [],
    alone: true,
    load: () => import('./commands/help.ts'),
  },
  {
    name: 'completion',
    args: '<shell>',
    summary: 'print a completion script for bash, zsh, fish or powershell',
    examples: [{ command: 'source <(tranship completion bash)', about: 'in ~/.bashrc' }],
    options: [],
    alone: true,
    load: () => import('./commands/completion.ts'),
  },
];
