import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgresBinaries } from './embedded-postgres.binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

const { platform, arch } = process;

describe('the binaries of the embedded Postgres', () => {
  afterEach(() => {
    Object.defineProperty(process, 'platform', { value: platform });
    Object.defineProperty(process, 'arch', { value: arch });
  });

  it('are where npm laid them', () => {
    for (const program of ['initdb', 'postgres']) {
      expect(existsSync(join(findPostgresBinaries(), 'bin', program))).toBe(true);
    }
  });

  it.each([
    ['aix', 'ppc64', '@embedded-postgres/aix-ppc64'],
    ['win32', 'ia32', '@embedded-postgres/windows-ia32'],
  ])('that there are none of for %s on %s are missed by name, with the way out', (system, processor, name) => {
    Object.defineProperty(process, 'platform', { value: system });
    Object.defineProperty(process, 'arch', { value: processor });
    expect(findPostgresBinaries).toThrow(EmbeddedPostgresError);
    for (const part of [name, 'DATABASE_URL', 'npm install']) expect(findPostgresBinaries).toThrow(part);
  });
});
