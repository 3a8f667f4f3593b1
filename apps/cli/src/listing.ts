import { type Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { PlatformApi } from './platform-api.js';
import { type Column, tableText } from './table.js';
import { writeOut } from './write-out.js';

const FORMATS = ['table', 'json', 'csv'] as const;

/** How a list is shown, and how much of it. */
export interface ListingFlags {
  format: (typeof FORMATS)[number];
  limit: number;
}

const LIMIT_DEFAULT = 100;
const LIMIT_MOST = 100_000;

/** Adds the options of a list. */
export function withListing(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'a table is cut to the terminal, whole where it goes elsewhere')
        .choices(FORMATS)
        .default('table'),
    )
    .option('--limit <number>', 'show so many at most', count, LIMIT_DEFAULT);
}

/**
 * Asks for a list and shows it. What is not shown because of the limit is told on standard error.
 * @param path of the route, below `/api/v1`
 * @param query its filters; undefined ones are left out
 */
export async function showList<Item>(
  api: PlatformApi,
  {
    path,
    query,
    columns,
  }: { path: string; query: Record<string, string | undefined>; columns: readonly Column<Item>[] },
  { format, limit }: ListingFlags,
): Promise<void> {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const { items, more } = await api.upTo<Item>(limit, path, Object.fromEntries(given));
  await writeOut(WRITERS[format](items, columns));
  if (more) process.stderr.write(`bylaw: there are more than these ${items.length}; --limit shows them\n`);
}

const WRITERS: Record<
  ListingFlags['format'],
  <Item>(items: readonly Item[], columns: readonly Column<Item>[]) => string
> = {
  table: (items, columns) =>
    tableText(columns, items, process.stdout.isTTY === true ? process.stdout.columns : undefined),
  json: (items) => `${JSON.stringify(items, null, 2)}\n`,
  csv: (items, columns) =>
    stringify(
      items.map((item) => columns.map(({ of }) => of(item))),
      { header: true, columns: columns.map(({ name }) => name), escape_formulas: true },
    ),
};

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && value <= LIMIT_MOST) return value;
  throw new InvalidArgumentError(`A number from 1 to ${LIMIT_MOST}.`);
}
