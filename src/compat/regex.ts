/** Go's regular expressions in the dialect of tranship's rules, which is the same but for groups and anchors. */

/**
 * Makes every capturing group a plain one. In a tag rule the first capturing group is the version; in other tools a group only
 * holds things together.
 */
export function ungrouped(source: string): string {
  let out = '';
  let inSet = false;
  for (let at = 0; at < source.length; at += 1) {
    const rest = source.slice(at);
    const quoted = /^\\Q[\s\S]*?(?:\\E|$)/.exec(rest)?.[0];
    const named = inSet ? undefined : /^\(\?P?<[A-Za-z_]\w*>/.exec(rest)?.[0];
    const token = quoted ?? named ?? (rest.startsWith('\\') ? rest.slice(0, 2) : (rest[0] ?? ''));
    if (token === '[' && !inSet) inSet = true;
    else if (token === ']' && inSet) inSet = false;
    const opens = !inSet && token === '(' && rest[1] !== '?';
    out += named !== undefined || opens ? '(?:' : token;
    at += token.length - 1;
  }
  return out;
}

/** The expression for the whole text of one that was looked for anywhere in it. */
export function anywhere(source: string): string {
  const plain = ungrouped(source);
  if (!isOneBranch(plain)) return `.*(?:${plain}).*`;
  const [begins, ends] = [plain.startsWith('^'), /(?:^|[^\\])(?:\\\\)*\$$/.test(plain)];
  const middle = plain.slice(begins ? 1 : 0, ends ? -1 : undefined);
  if (begins && ends) return middle;
  return `${begins ? '' : '.*'}${begins === ends ? `(?:${middle})` : middle}${ends ? '' : '.*'}`;
}

/** Whether no `|` stands outside of every group. */
function isOneBranch(source: string): boolean {
  let depth = 0;
  for (const [token] of source.matchAll(/\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[()|]/g)) {
    if (token === '|' && depth === 0) return false;
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
  }
  return true;
}

/** Longer expressions are refused, so a long list becomes several rules. */
const longestAlternation = 600;

/** As few expressions as possible for several, of which one has to match. */
export function oneOf(sources: readonly string[]): readonly string[] {
  const plain = sources.map(ungrouped);
  if (plain.length < 2) return plain;
  const groups: string[] = [];
  for (const source of plain) {
    const last = groups.at(-1);
    const joined = last === undefined ? `(?:${source})` : `${last}|(?:${source})`;
    if (last === undefined || joined.length > longestAlternation) groups.push(`(?:${source})`);
    else groups[groups.length - 1] = joined;
  }
  return groups;
}
