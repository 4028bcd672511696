import type { OptionSpec } from './spec.ts';

/** Options that mean the same for every command. */
export const globalOptions: readonly OptionSpec[] = [
  { flags: '-q, --quiet', about: 'print errors and the answer only', group: 'Output' },
  {
    flags: '-v, --verbose',
    about: 'say more; twice: trace every request, secrets taken out',
    group: 'Output',
    tally: true,
  },
  {
    flags: '--log-level <level>',
    about: 'how much to say on standard error',
    group: 'Output',
    choices: ['error', 'warn', 'info', 'debug', 'trace'],
  },
  { flags: '--color <when>', about: 'colours', group: 'Output', choices: ['auto', 'always', 'never'] },
  { flags: '--debug', about: 'show the stack behind an error', group: 'Output' },
];

/** Options of every command that speaks to a registry. */
export const connectionOptions: readonly OptionSpec[] = [
  { flags: '--plain-http', about: 'speak plain HTTP; loopback addresses fall back by themselves', group: 'Connection' },
  {
    flags: '--plain-http-for <host>',
    about: 'the same for this registry alone; may be repeated',
    group: 'Connection',
    repeatable: true,
  },
  { flags: '--insecure', about: 'do not check certificates', group: 'Connection' },
  {
    flags: '--insecure-for <host>',
    about: 'the same for this registry alone; may be repeated',
    group: 'Connection',
    repeatable: true,
  },
  { flags: '--ca-file <file>', about: 'trust these certificate authorities too (PEM)', group: 'Connection' },
  {
    flags: '--authfile <file>',
    about: 'read credentials from this file alone (also REGISTRY_AUTH_FILE)',
    group: 'Credentials',
  },
];

export const outputOption: OptionSpec = {
  flags: '-o, --output <format>',
  about: 'the form of the answer',
  group: 'Output',
  choices: ['text', 'json'],
  fallback: 'text',
};

export const progressOption: OptionSpec = {
  flags: '--progress <how>',
  about: 'live bars, plain lines, JSON events or nothing on standard error',
  group: 'Output',
  choices: ['auto', 'plain', 'json', 'none'],
  fallback: 'auto',
};

export const dryRunOption: OptionSpec = {
  flags: '--dry-run',
  about: 'say what would be done and write nothing',
  group: 'Safety',
};

export const yesOption: OptionSpec = {
  flags: '-y, --yes',
  about: 'do it without asking; needed where nobody can be asked',
  group: 'Safety',
};
