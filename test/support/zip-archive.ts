import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive; `claims` are bytes that it says it unpacks to, where that is a lie. */
export interface ZippedFile {
  path: string;
  content: string | Buffer;
  claims?: number;
}

/**
 * Writes a zip archive (APPNOTE 4.3), deflated.
 * @param files in their order
 */
export function zipOf(files: readonly ZippedFile[]): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { path, content, claims } of files) {
    const raw = Buffer.from(content);
    const packed = deflateRawSync(raw, { level: 9 });
    const name = Buffer.from(path);
    // Version, flags (UTF-8), method, time, date, checksum, sizes, length of the name.
    const header = Buffer.alloc(24);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(0x0800, 2);
    header.writeUInt16LE(8, 4);
    header.writeUInt32LE(crc32(raw), 10);
    header.writeUInt32LE(packed.length, 14);
    header.writeUInt32LE(claims ?? raw.length, 18);
    header.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), header, Buffer.alloc(2), name, packed]);
    const place = Buffer.alloc(16);
    place.writeUInt32LE(offset, 12);
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), header, place, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006'), end]);
}
