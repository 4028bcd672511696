/** A part of a blob, both ends inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const form = /^bytes=(\d*)-(\d*)$/;

/**
 * Reads a `Range` header for content of `size` bytes (RFC 9110 §14). `undefined` where the whole is to be sent: no header, a
 * unit or form that is not known, several ranges. `'unsatisfiable'` is 416.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = form.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return suffix(Number(to), size);
  const [first, last] = [Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1)];
  if (first >= size || (to !== '' && Number(to) < first)) return 'unsatisfiable';
  return { first, last };
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' {
  if (length === 0 || size === 0) return 'unsatisfiable';
  return { first: Math.max(0, size - length), last: size - 1 };
}

const contentForm = /^(\d{1,15})-(\d{1,15})$/;

/**
 * The `Content-Range` of an upload's chunk: `<first>-<last>` and nothing around it (distribution-spec, "Pushing a blob in
 * chunks"). `'malformed'` for anything else.
 */
export function parseContentRange(header: string | undefined): ByteRange | 'malformed' | undefined {
  if (header === undefined) return undefined;
  const [, from, to] = contentForm.exec(header) ?? [];
  if (from === undefined || to === undefined) return 'malformed';
  const [first, last] = [Number(from), Number(to)];
  return last < first ? 'malformed' : { first, last };
}
