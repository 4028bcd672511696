import type { Place } from './words.ts';

export function powershellScript(places: readonly Place[]): string {
  return `# Completion of tranship for PowerShell: tranship completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName tranship -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $places = @{
${places.map(({ after, words }) => `    ${quoted(after)} = @(${words.map(({ word, about }) => `@(${quoted(word)}, ${quoted(about)})`).join(', ')})`).join('\n')}
  }
  $values = @{
${places.flatMap(valueLines).join('\n')}
  }
  $typed = ''
  $place = ''
  $before = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    $text = $element.ToString()
    if ($text -eq $wordToComplete) { break }
    $before = $text
    if ($text.StartsWith('-')) { continue }
    $typed = "$typed $text".Trim()
    if ($places.ContainsKey($typed)) { $place = $typed }
  }
  $known = $values["$place/$before"]
  if ($known) {
    $known | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
    return
  }
  $places[$place] | Where-Object { $_[0] -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`;
}

function valueLines({ after, values }: Place): readonly string[] {
  return values.flatMap(({ flags, choices }) =>
    choices.length === 0
      ? []
      : flags.map((flag) => `    ${quoted(`${after}/${flag}`)} = @(${choices.map(quoted).join(', ')})`),
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
