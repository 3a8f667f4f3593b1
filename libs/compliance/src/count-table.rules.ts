import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Of the bytes that `packTable` makes; rows that are read otherwise some day have another format. */
export const COUNT_TABLE_FORMAT = 1;

const HEADER_LENGTH_BYTES = 4;

/** Rows of whole numbers, each about a pair of a cluster and a key: a check's number, or a namespace. */
export interface CountTable {
  clusters: readonly string[];
  keys: readonly string[];
  /** The pairs that rows speak of: the places of their clusters, and of their keys. */
  pairs: readonly [clusters: Int32Array, keys: Int32Array];
  /** Kept by column, since what stands in one column is alike. */
  columns: readonly Int32Array[];
}

interface Header {
  clusters: readonly string[];
  keys: readonly string[];
  pairs: number;
  rows: number;
  columns: number;
  /** Those that are kept: the others are of zeros alone. */
  kept: number[];
}

/** @returns its bytes: names as JSON, then all numbers by column, little-endian; deflated (RFC 1951) */
export function packTable({ clusters, keys, pairs, columns }: CountTable): Buffer {
  const kept = [...columns.keys()].filter((column) => columns[column]?.some((number) => number !== 0));
  const header = Buffer.from(
    JSON.stringify({
      clusters,
      keys,
      pairs: pairs[0].length,
      rows: columns[0]?.length ?? 0,
      columns: columns.length,
      kept,
    } satisfies Header),
  );
  const length = Buffer.alloc(HEADER_LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  const numbers = [...pairs, ...kept.flatMap((column) => columns[column] ?? [])];
  return deflateRawSync(Buffer.concat([length, header, ...numbers.map(bytesOf)]));
}

/** @param packed what `packTable` returned */
export function unpackTable(packed: Buffer): CountTable {
  const bytes = inflateRawSync(packed);
  const begin = HEADER_LENGTH_BYTES + bytes.readUInt32LE();
  const header = JSON.parse(bytes.toString('utf8', HEADER_LENGTH_BYTES, begin)) as Header;
  // Whole numbers lie at whole multiples of their size, wherever the header ended.
  const numbers = new Int32Array(Uint8Array.from(bytes.subarray(begin)).buffer);
  const { clusters, keys, pairs, rows, kept } = header;
  return {
    clusters,
    keys,
    pairs: [numbers.subarray(0, pairs), numbers.subarray(pairs, 2 * pairs)],
    columns: Array.from({ length: header.columns }, (_, column) => {
      const place = kept.indexOf(column);
      const start = 2 * pairs + place * rows;
      return place === -1 ? new Int32Array(rows) : numbers.subarray(start, start + rows);
    }),
  };
}

function bytesOf(numbers: Int32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
