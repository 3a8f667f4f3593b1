import Table from 'cli-table3';
import { oneLine } from '#formats';

/** A column of a table, and what of a row stands in it. */
export interface Column<Row> {
  /** As programs read it, `opened_at`; people read `OPENED AT`. */
  name: string;
  of: (row: Row) => string | number | null;
  /** Never cut: what has to be copied whole. */
  whole?: boolean;
}

const GAP = '  ';
/** Of a column that is cut, so much is left. */
const NARROWEST = 10;
/** Nothing but columns. */
const FRAMELESS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
    [side, ''],
    [`${side}-mid`, ''],
    [`${side}-left`, ''],
    [`${side}-right`, ''],
  ]),
);

/**
 * @param rows of the table, below the names of the columns
 * @param width of the terminal: what is longer is cut, the longest columns first; whole unless given
 * @returns lines of text in which nothing moves the cursor, whatever it is called
 */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string {
  const cells = rows.map((row) => columns.map(({ of }) => oneLine(String(of(row) ?? ''))));
  const head = columns.map(({ name }) => name.replaceAll('_', ' ').toUpperCase());
  const colWidths = width === undefined ? [] : fitted(columns, [head, ...cells], width);
  const table = new Table({
    head,
    colWidths,
    chars: { ...FRAMELESS, middle: GAP },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...cells);
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** @returns widths that fit, as far as columns may be cut */
function fitted<Row>(columns: readonly Column<Row>[], cells: readonly string[][], width: number): number[] {
  const widths = columns.map((_column, index) => Math.max(1, ...cells.map((row) => row[index]?.length ?? 0)));
  let tooMuch = widths.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1)) - width;
  while (tooMuch > 0) {
    const cuttable = widths.map((one, index) => (columns[index]?.whole === true ? 0 : one));
    const widest = Math.max(...cuttable);
    if (widest <= NARROWEST) break;
    widths[cuttable.indexOf(widest)] = widest - 1;
    tooMuch -= 1;
  }
  return widths;
}
