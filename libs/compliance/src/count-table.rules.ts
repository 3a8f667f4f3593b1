import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Of the bytes that `packTable` makes; rows that are read otherwise some day have another format. */
export const COUNT_TABLE_FORMAT = 1;

const HEADER_LENGTH_BYTES = 4;

/** Rows of whole numbers, each about a cluster and a key: a check's number, or a namespace. */
export interface CountTable {
  clusters: readonly string[];
  keys: readonly string[];
  /** Kept by column, since what stands in one column is alike. The first two are the places of cluster and key. */
  columns: readonly [clusters: Int32Array, keys: Int32Array, ...numbers: Int32Array[]];
}

interface Header {
  clusters: readonly string[];
  keys: readonly string[];
  rows: number;
  columns: number;
  /** Those that are kept: the others are of zeros alone. */
  kept: number[];
}

/** @returns its bytes: names as JSON, then all numbers by column, little-endian; deflated (RFC 1951) */
export function packTable({ clusters, keys, columns }: CountTable): Buffer {
  const kept = [...columns.keys()].filter((column) => columns[column]?.some((number) => number !== 0));
  const header = Buffer.from(
    JSON.stringify({
      clusters,
      keys,
      rows: columns[0].length,
      columns: columns.length,
      kept,
    } satisfies Header),
  );
  const length = Buffer.alloc(HEADER_LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  const numbers = kept.flatMap((column) => columns[column] ?? []);
  return deflateRawSync(Buffer.concat([length, header, ...numbers.map(bytesOf)]));
}

/** @param packed what `packTable` returned */
export function unpackTable(packed: Buffer): CountTable {
  const bytes = inflateRawSync(packed);
  const begin = HEADER_LENGTH_BYTES + bytes.readUInt32LE();
  const header = JSON.parse(bytes.toString('utf8', HEADER_LENGTH_BYTES, begin)) as Header;
  // Whole numbers lie at whole multiples of their size, wherever the header ended.
  const numbers = new Int32Array(new Uint8Array(bytes.subarray(begin)).buffer);
  const { clusters, keys, rows, kept } = header;
  const columnAt = (column: number): Int32Array => {
    const place = kept.indexOf(column);
    return place === -1 ? new Int32Array(rows) : numbers.subarray(place * rows, (place + 1) * rows);
  };
  const others = Array.from({ length: header.columns - 2 }, (_, index) => columnAt(index + 2));
  return { clusters, keys, columns: [columnAt(0), columnAt(1), ...others] };
}

function bytesOf(numbers: Int32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
