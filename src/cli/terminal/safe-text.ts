/** GitHub runs `::command::` at the start of a log line, and Azure `##[command]`: a stranger's text must not hold one. */
export function safeForLog(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const inCi = env['GITHUB_ACTIONS'] === 'true' || env['TF_BUILD'] !== undefined;
  return inCi ? text.replace(/^(\s*)::/gm, '$1: :').replace(/##(vso)?\[/g, '# #$1[') : text;
}
