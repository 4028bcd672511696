import { RE2JS } from 're2js';

/** A pattern for a whole text, matched in time linear to the text whatever the pattern's author wrote. */
export interface Pattern {
  matches(text: string): boolean;
  /** The first group's text where the whole text matches; the whole text where the pattern has no group. */
  capture(text: string): string | undefined;
}

/** A pattern that cannot be read. The message says what is wrong with it, without naming the library. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Longer patterns are refused: compiled programs grow with them. */
const longestPattern = 1000;

/** Compiles a regular expression in RE2's dialect. It is for the whole text, as if `^(?:` and `)$` stood around it. */
export function compileRegex(source: string): Pattern {
  const program = compile(source);
  const hasGroup = program.groupCount() > 0;
  return {
    matches: (text) => program.matcher(text).matches(),
    capture(text) {
      const matcher = program.matcher(text);
      if (!matcher.matches()) return undefined;
      return hasGroup ? (matcher.group(1) ?? undefined) : text;
    },
  };
}

/**
 * Compiles a glob: `*` and `?` stay within a part between slashes, `**` crosses slashes, `[abc]`, `[a-z]` and `[!abc]` are one
 * character of a set, `{a,b}` is one of several. A `**` that is a part of its own may also be nothing: `a/**` takes `a`.
 */
export function compileGlob(source: string): Pattern {
  return compileRegex(regexOfGlob(source));
}

/** Whether the text is a glob rather than the name that it spells. */
export function isGlob(text: string): boolean {
  return /[*?[\]{}]/.test(text);
}

/** Replaces every match; `$1` or `${1}` in `replacement` is the first group, `$$` a dollar sign. */
export function compileReplacement(source: string, replacement: string): (text: string) => string {
  const program = compile(source);
  const pieces = piecesOf(replacement, program.groupCount());
  return (text) => {
    const matcher = program.matcher(text);
    let [result, from] = ['', 0];
    while (matcher.find()) {
      const filled = pieces.map((piece) => (typeof piece === 'string' ? piece : (matcher.group(piece) ?? '')));
      result += text.slice(from, matcher.start()) + filled.join('');
      from = matcher.end();
    }
    return result + text.slice(from);
  };
}

function compile(source: string): RE2JS {
  if (source.length > longestPattern) throw new PatternError(`it is longer than ${longestPattern} characters`);
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new PatternError(reasonOf(error), { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const reason = text.replace(/^error parsing regexp: /, '');
  return /\(\?[=!<]/.test(reason) ? `${reason} (look-around is not to be had in linear time)` : reason;
}

function regexOfGlob(glob: string): string {
  let out = '';
  let depth = 0;
  for (let at = 0; at < glob.length; ) {
    const rest = glob.slice(at);
    const set = /^\[!?\]?[^\]/]+\]/.exec(rest)?.[0];
    const [text, length] = tokenAt(glob, at, depth, set);
    if (rest.startsWith('{')) depth += 1;
    if (rest.startsWith('}')) depth -= 1;
    if (depth < 0) throw new PatternError('a } stands without its {');
    out += text;
    at += length;
  }
  if (depth > 0) throw new PatternError('a { has no }');
  return out;
}

/** The expression for what begins at `at`, and how many characters of the glob it stands for. */
function tokenAt(glob: string, at: number, depth: number, set: string | undefined): readonly [string, number] {
  const rest = glob.slice(at);
  if (rest === '/**') return ['(?:/.*)?', 3];
  if (rest.startsWith('**/') && (at === 0 || glob[at - 1] === '/')) return ['(?:.*/)?', 3];
  if (rest.startsWith('**')) return ['.*', 2];
  if (rest.startsWith('*')) return ['[^/]*', 1];
  if (rest.startsWith('?')) return ['[^/]', 1];
  if (rest.startsWith('{')) return ['(?:', 1];
  if (rest.startsWith('}')) return [')', 1];
  if (rest.startsWith(',') && depth > 0) return ['|', 1];
  if (set !== undefined) return [setOf(set), set.length];
  if (rest.startsWith('[')) throw new PatternError('a [ has no ]');
  return [RE2JS.quote(rest[0] ?? ''), 1];
}

function setOf(set: string): string {
  const inner = set.slice(1, -1);
  const negated = inner.startsWith('!');
  const members = (negated ? inner.slice(1) : inner).replace(/[\\[\]^&~]/g, '\\$&');
  return `[${negated ? '^/' : ''}${members}]`;
}

/** Literal text and numbers of groups, in order. */
function piecesOf(replacement: string, groups: number): readonly (string | number)[] {
  return replacement.split(/(\$\$|\$\d+|\$\{\d+\}|\$)/).flatMap((part): (string | number)[] => {
    if (!part.startsWith('$')) return part === '' ? [] : [part];
    if (part === '$$') return ['$'];
    const number = Number(part.replace(/[${}]/g, '') || Number.NaN);
    if (Number.isNaN(number)) throw new PatternError('a $ stands without a group number (write $$ for a dollar sign)');
    if (number > groups) throw new PatternError(`$${number} has no group: the expression has ${groups}`);
    return [number];
  });
}
