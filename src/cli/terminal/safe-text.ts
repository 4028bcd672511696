import { stripVTControlCharacters } from 'node:util';

/** Controls, and the unseen marks among which are those that turn the direction of writing: either can fake what is shown. */
const unseen = /[\p{Cc}\p{Cf}]/gu;

/** Text of a stranger, made safe for a terminal and a CI log: what can be seen of it, on one line. */
export function safeText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\n\v\f\r]+/g, ' ')
    .replace(unseen, '');
}

/** GitHub runs `::command::` at the start of a log line, and Azure `##[command]`: a stranger's text must not hold one. */
export function safeForLog(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const inCi = env['GITHUB_ACTIONS'] === 'true' || env['TF_BUILD'] !== undefined;
  return inCi ? text.replace(/^(\s*)::/gm, '$1: :').replace(/##(vso)?\[/g, '# #$1[') : text;
}
