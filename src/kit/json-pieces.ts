/** Pieces are joined up to so many characters. */
const pieceLength = 64 * 1024;

/** So deep a document is taken apart; what lies below becomes text at once. */
const deepest = 4;

/**
 * `JSON.stringify(value, null, 2)` in pieces, so that a document of a hundred thousand items is never in memory as text. For
 * plain data: without `toJSON` in the parts that are taken apart.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let waiting = '';
  for (const part of partsOf(value, '', deepest)) {
    waiting += part;
    if (waiting.length < pieceLength) continue;
    yield waiting;
    waiting = '';
  }
  if (waiting !== '') yield waiting;
}

function* partsOf(value: unknown, indent: string, depth: number): Generator<string> {
  const inner = `${indent}  `;
  let before = `\n${inner}`;
  if (depth > 0 && Array.isArray(value) && value.length > 0) {
    yield '[';
    for (const item of value) {
      yield before;
      yield* partsOf(item ?? null, inner, depth - 1);
      before = `,\n${inner}`;
    }
    yield `\n${indent}]`;
  } else if (depth > 0 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value).filter(([, part]) => part !== undefined);
    if (entries.length === 0) return yield '{}';
    yield '{';
    for (const [key, part] of entries) {
      yield `${before}${JSON.stringify(key)}: `;
      yield* partsOf(part, inner, depth - 1);
      before = `,\n${inner}`;
    }
    yield `\n${indent}}`;
  } else {
    yield JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
  }
}
