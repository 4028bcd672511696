import { aboutOption, optionGroups, usageOf } from './help.ts';
import type { CommandSpec } from './spec.ts';

/** The command line as a page of the documentation. */
export function commandReference(table: readonly CommandSpec[]): string {
  return [
    '# Commands',
    '',
    'Generated from the command table; `tranship <command> --help` prints the same. Standard output carries the answer alone;',
    'progress, notes and errors go to standard error. Every option can also be set by a variable: `--ca-file` is',
    '`TRANSHIP_CA_FILE`. The exit codes stand in [errors.md](errors.md).',
    '',
    ...table.map(({ name, summary }) => `- [${name}](#${name.replaceAll(' ', '-')}): ${summary}`),
    '',
    ...table.flatMap(commandLines),
  ].join('\n');
}

function commandLines(spec: CommandSpec): readonly string[] {
  return [
    `## ${spec.name}`,
    '',
    `${spec.summary.charAt(0).toUpperCase()}${spec.summary.slice(1)}.`,
    '',
    ...(spec.details ?? []).flatMap((paragraph) => [paragraph, '']),
    '```sh',
    ...spec.examples.flatMap(({ command, about }) => [`# ${about}`, command]),
    '```',
    '',
    `Usage: \`${usageOf(spec)}\``,
    '',
    ...optionGroups(spec).flatMap(([group, options]) => [
      `| ${group} | |`,
      '| --- | --- |',
      ...options.map((option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${aboutOption(option)} |`),
      '',
    ]),
  ];
}
