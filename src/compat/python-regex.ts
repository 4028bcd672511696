import { compileRegex, PatternError } from '../kit/pattern.ts';
import { TranshipError } from '../oci/errors.ts';

/**
 * Python's `re.match`: the expression has to fit at the beginning and need not reach the end. Throws `E_PYTHON_REGEX` for what
 * cannot be had in linear time.
 */
export function pythonMatch(source: string): (text: string) => boolean {
  try {
    const pattern = compileRegex(`(?:${translated(source)})(?s:.*)`);
    return (text) => pattern.matches(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new TranshipError('E_PYTHON_REGEX', 'usage', `"${source}" cannot be used: ${error.message}.`, {
      cause: error,
    });
  }
}

/** Python's words for the end of the text, and flags that change nothing for names. */
function translated(source: string): string {
  return source.replace(/\\[\s\S]|\(\?([aiLmsux]+)([):-])/g, (found, flags?: string, end?: string) => {
    if (found === '\\Z') return '\\z';
    if (flags === undefined || end === undefined) return found;
    const kept = flags.replace(/[auL]/g, '');
    return kept === '' && end === ')' ? '' : `(?${kept}${end}`;
  });
}
