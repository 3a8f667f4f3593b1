import { stringify } from 'csv-stringify/sync';
import type { z } from 'zod';

export type ExportFormat = 'csv' | 'jsonl' | 'json';

/** What is exported, and how one item of it is a row of a table. */
export interface ExportTable<Item> {
  /** Part of the file's name. */
  name: string;
  /** Its keys are the columns. */
  columns: z.ZodObject;
  row: (item: Item) => Record<string, string | number | null>;
}

export const MEDIA_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** Writes a file part by part. */
export interface ExportWriter<Item> {
  /** @returns the text of the next items; the first part has what stands before them */
  part(items: readonly Item[]): string;
  /** @returns what stands after the last one */
  end(): string;
}

/**
 * @param format of the file
 * @param table what is written
 * @param bom whether a CSV file begins with a byte order mark
 */
export function writerOf<Item>(format: ExportFormat, table: ExportTable<Item>, bom: boolean): ExportWriter<Item> {
  if (format === 'csv') return csvWriter(table, bom);
  return format === 'json'
    ? jsonWriter()
    : { part: (items) => items.map((item) => `${JSON.stringify(item)}\n`).join(''), end: () => '' };
}

/** RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe instead. */
function csvWriter<Item>({ columns, row }: ExportTable<Item>, bom: boolean): ExportWriter<Item> {
  const names = Object.keys(columns.shape);
  let first = true;
  return {
    part: (items) => {
      const options = {
        columns: names,
        escape_formulas: true,
        record_delimiter: '\r\n',
        header: first,
        bom: first && bom,
      };
      first = false;
      return stringify(items.map(row), options);
    },
    end: () => '',
  };
}

function jsonWriter<Item>(): ExportWriter<Item> {
  let before = '[';
  return {
    part: (items) => {
      const text = items.map((item, index) => `${index === 0 ? before : ',\n'}${JSON.stringify(item)}`).join('');
      if (items.length > 0) before = ',\n';
      return text;
    },
    end: () => (before === '[' ? '[]\n' : ']\n'),
  };
}
