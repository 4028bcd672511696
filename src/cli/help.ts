import { padEnd } from '../kit/text.ts';
import { globalOptions } from './common-options.ts';
import type { CommandSpec, OptionGroup, OptionSpec } from './spec.ts';

/** Wider lines are hard to read, and many terminals are no wider. */
const helpColumns = 100;

const groupOrder: readonly OptionGroup[] = [
  'Selection',
  'Transfer',
  'Server',
  'Safety',
  'Output',
  'Connection',
  'Credentials',
];

/** The help of one command: examples first, since most people look for a line to change. */
export function specHelp(spec: CommandSpec): string {
  return lines([
    `${sentence(spec.summary)}`,
    '',
    ...spec.examples.flatMap(({ command, about }) => [`  ${command}`, `      ${about}`]),
    '',
    `Usage: ${usageOf(spec)}`,
    ...(spec.details ?? []).flatMap((paragraph) => ['', ...wrapped(paragraph, helpColumns)]),
    ...optionLines(spec),
  ]);
}

export function rootHelp(table: readonly CommandSpec[]): string {
  const width = Math.max(...table.map(({ name }) => name.length));
  return lines([
    'tranship moves container images between registries and OCI layouts.',
    '',
    '  tranship copy docker.io/library/alpine:3.20 registry.example.com/base/alpine:3.20',
    '  tranship inspect registry.example.com/base/alpine:3.20',
    '  tranship doctor registry.example.com',
    '',
    'Commands:',
    ...table.map(({ name, summary }) => `  ${padEnd(name, width)}  ${summary}`),
    '',
    'References: host/repository:tag, host/repository@sha256:…, oci:DIR[:TAG], oci-archive:FILE[:TAG]',
    'More: tranship <command> --help, tranship help exit-codes, tranship explain E_…',
  ]);
}

/** The help of the commands that begin with the same word. */
export function groupHelp(group: string, table: readonly CommandSpec[]): string {
  const members = table.filter(({ name }) => name.startsWith(`${group} `));
  const width = Math.max(...members.map(({ name }) => name.length));
  return lines([
    `Usage: tranship ${group} <command>`,
    '',
    ...members.map(({ name, summary }) => `  ${padEnd(name, width)}  ${summary}`),
  ]);
}

export function usageOf(spec: CommandSpec): string {
  return `tranship ${spec.name}${spec.args === undefined ? '' : ` ${spec.args}`} [options]`;
}

/** Options under their group's title, the command's own first. */
export function optionGroups(spec: CommandSpec): readonly (readonly [OptionGroup, readonly OptionSpec[]])[] {
  const all = [...spec.options, ...globalOptions];
  return groupOrder
    .map((group) => [group, all.filter((option) => option.group === group)] as const)
    .filter(([, options]) => options.length > 0);
}

export function aboutOption({ about, choices, fallback }: OptionSpec): string {
  const notes = [
    choices === undefined ? '' : choices.join(', '),
    fallback === undefined ? '' : `default ${fallback}`,
  ].filter((note) => note !== '');
  return notes.length === 0 ? about : `${about} (${notes.join('; ')})`;
}

function optionLines(spec: CommandSpec): readonly string[] {
  const groups = optionGroups(spec);
  const width = Math.max(...groups.flatMap(([, options]) => options.map(({ flags }) => indented(flags).length)));
  return groups.flatMap(([group, options]) => [
    '',
    `${group}:`,
    ...options.flatMap((option) => hanging(indented(option.flags), width, aboutOption(option))),
  ]);
}

/** What is said about an option, under itself where it takes several lines. */
function hanging(flags: string, width: number, about: string): readonly string[] {
  return wrapped(about, Math.max(helpColumns - width - 4, 30)).map(
    (line, index) => `  ${padEnd(index === 0 ? flags : '', width)}  ${line}`,
  );
}

/** Long names stand under each other whether or not there is a short one. */
function indented(flags: string): string {
  return flags.startsWith('--') ? `    ${flags}` : flags;
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function wrapped(paragraph: string, columns: number): readonly string[] {
  const result: string[] = [];
  for (const word of paragraph.split(' ')) {
    const last = result.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) result.push(word);
    else result[result.length - 1] = `${last} ${word}`;
  }
  return result;
}

function lines(parts: readonly string[]): string {
  return `${parts.join('\n')}\n`;
}
