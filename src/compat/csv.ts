/** The CSV of registry-sync: comma, CR LF behind every line, quotes only where they are needed. */

export const tagColumns = ['namespace', 'repo_name', 'name', 'created_on', 'last_updated_on', 'digest'] as const;
/** What `tranship crawl` writes: the same, and which registry it is. */
export const crawlColumns = [...tagColumns, 'registry'] as const;
export const repositoryColumns = ['namespace', 'name'] as const;

/** One line, its end included. A value that is not there is an empty field. */
export function csvLine(fields: readonly (string | undefined)[]): string {
  return `${fields.map((field = '') => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`;
}

export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/**
 * Reads rows by the header's names. A byte order mark, LF instead of CR LF, further columns, another order of columns and empty
 * lines are all taken. Throws a `CsvError` where `needed` is not all there.
 */
export function readCsv<Needed extends string>(
  text: string,
  needed: readonly Needed[],
): readonly (Readonly<Record<Needed, string>> & Readonly<Record<string, string>>)[] {
  const [header, ...lines] = fieldsOf(text.replace(/^\uFEFF/, ''));
  const missing = needed.filter((name) => !(header ?? []).includes(name));
  if (header === undefined || missing.length > 0)
    throw new CsvError(`the column ${missing.map((name) => `"${name}"`).join(', ')} is missing`);
  return lines.map((fields) => {
    const row = Object.fromEntries(header.map((name, at) => [name, fields[at] ?? '']));
    return row as Record<Needed, string> & Record<string, string>;
  });
}

/** Lines that hold anything, as fields. */
function fieldsOf(text: string): readonly (readonly string[])[] {
  const lines: string[][] = [];
  let [line, field, quoted, atStart] = [[] as string[], '', false, true];
  const endField = (): void => {
    line.push(field);
    [field, atStart] = ['', true];
  };
  const endLine = (): void => {
    const isEmpty = line.length === 0 && field === '';
    endField();
    if (!isEmpty) lines.push(line);
    line = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (quoted && sign === '"' && text[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (quoted && sign === '"') quoted = false;
    else if (quoted) field += sign;
    else if (sign === '"' && atStart) [quoted, atStart] = [true, false];
    else if (sign === ',') endField();
    else if (sign === '\n' || sign === '\r') {
      if (sign === '\r' && text[at + 1] === '\n') at += 1;
      endLine();
    } else [field, atStart] = [field + sign, false];
  }
  if (quoted) throw new CsvError('a quote is not closed');
  endLine();
  return lines;
}
