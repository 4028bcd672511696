import { padEnd, padStart, widthOf } from '../../kit/text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
}

/** Rows under titles, two spaces between columns, nothing at the ends of lines: readable, and cut by `awk` as well. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map(({ value }) => value(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => widthOf(line[index] ?? ''))));
  return cells.map((line) =>
    line
      .map((cell, index) => aligned(cell, columns[index], widths[index]))
      .join('  ')
      .trimEnd(),
  );
}

function aligned<Row>(cell: string, column: Column<Row> | undefined, width = 0): string {
  return column?.align === 'right' ? padStart(cell, width) : padEnd(cell, width);
}
