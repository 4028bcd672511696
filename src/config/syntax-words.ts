/**
 * What the YAML parser complains of, in words for whoever wrote the file. The parser quotes what stands there, which may be a
 * password in a line that is broken; these words never do.
 */
export function syntaxWords(code: string, message: string): string {
  const [first = code] = message.split('\n');
  for (const [pattern, words] of byMessage) {
    const found = pattern.exec(first);
    if (found !== null) return words(found[1] ?? '');
  }
  return byCode[code] ?? (first.charAt(0).toLowerCase() + first.slice(1)).replace(/:? *["'`].*$/, '');
}

/** The parser recurses, and says so in many ways when a text of nothing but brackets exhausts its stack. */
export function isTooDeep(errors: readonly { readonly message: string }[]): boolean {
  return errors.some(({ message }) => /stack (?:overflow|size)/i.test(message));
}

const byMessage: readonly (readonly [RegExp, (part: string) => string])[] = [
  [
    /^Unexpected .*(?:token in YAML stream|at node end|in block|on same line)/,
    () => 'what stands here belongs to nothing above',
  ],
  [/^Block scalar header includes extra/, () => 'the text behind | or > begins on the next line'],
  [
    /^Sequence item without - indicator/,
    () => 'this stands less far to the right than it should, or a dash is missing',
  ],
  [/^Missing closing (["'])quote/, (quote) => `a text that begins with ${quote} is not closed`],
  [
    /must be sufficiently indented and end with a ([\]}])/,
    (end) => `a ${end === ']' ? '[' : '{'} is not closed with ${end}`,
  ],
  [
    /cannot start with (?:reserved|directive indicator) character (\S)/,
    (sign) => `a text that begins with ${sign} needs quotes`,
  ],
  [
    /^Invalid escape sequence (\S+)/,
    (sign) => `${sign} means nothing in double quotes; single quotes take it as it is`,
  ],
];

const byCode: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents here, where YAML takes only spaces',
  DUPLICATE_KEY: 'this key stands here a second time',
  MULTIPLE_DOCS: 'a second document begins here, where one is expected',
  BAD_INDENT: 'the indentation does not fit what stands above',
  MISSING_CHAR: 'a bracket, a quote or a comma is missing',
  BLOCK_AS_IMPLICIT_KEY: 'a nested mapping stands on one line (is a quote or a line break missing?)',
  MULTILINE_IMPLICIT_KEY: 'a colon and a space are missing behind the key',
};
