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
  const whole = /^\^(?:[^|]*[^\\|])?\$$/.test(plain);
  return whole ? plain.slice(1, -1) : `.*(?:${plain}).*`;
}

/** One expression for several, of which one has to match. */
export function oneOf(sources: readonly string[]): string {
  const plain = sources.map(ungrouped);
  return plain.length === 1 ? (plain[0] ?? '') : plain.map((source) => `(?:${source})`).join('|');
}
