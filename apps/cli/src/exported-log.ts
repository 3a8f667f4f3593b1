import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { ChainWalk, parsePublicId, type AuditLine, type ChainedLine, type ChainFaultReason } from '#kernel';
import { auditLineSchema, type AuditLineShape } from '#contracts';
import { CliError } from './cli-error.js';

/** More than any entry of the log takes. */
const LINE_MAX = 16 * 1024 * 1024;

const exactLine = z.strictObject(auditLineSchema.shape);

/** What became of an exported log. */
export type LogVerdict =
  | { ok: true; entries: number; organization: string; firstHash: string; lastHash: string }
  | { ok: false; row: number; seq: number; reason: Exclude<ChainFaultReason, 'missing'> };

/**
 * Checks an exported audit log against its own chain, line by line.
 * @param file JSON lines, as exported
 * @returns the first line that somebody edited, where there is one
 * @throws CliError 2 where it can't be read, is no such file, or lacks entries
 */
export async function verifyExportedLog(file: string): Promise<LogVerdict> {
  const walk = new ChainWalk();
  let first: AuditLineShape | undefined;
  let entries = 0;
  let gap: string | undefined;
  for await (const text of linesOf(file)) {
    const line = readLine(file, ++entries, text);
    first ??= line;
    const before = walk.seq;
    const fault = walk.step(chainedOf(file, entries, line));
    if (fault === undefined) continue;
    if (fault.reason !== 'missing') return { ok: false, row: entries, seq: fault.seq, reason: fault.reason };
    // An edited line further down says more than a gap, which a filter may have left.
    gap ??= before === 0 ? `before seq ${line.seq}` : `between seq ${before} and ${line.seq}`;
  }
  if (first === undefined) throw new CliError(`${file}: no entries are in it`, 2);
  if (gap !== undefined)
    throw new CliError(`${file}: entries are missing ${gap}, by a filter or by somebody: export the whole log`, 2);
  const lastHash = Buffer.from(walk.hash).toString('hex');
  return { ok: true, entries, organization: first.organization, firstHash: first.hash, lastHash };
}

/** Split at line feeds alone: JSON text may hold every other end of a line that Unicode knows. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(file, 'utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > LINE_MAX) throw new CliError(`${file}: its lines are too long for an exported audit log`, 2);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${file}: ${(error as Error).message}`, 2);
  }
  if (rest !== '') yield rest;
}

/**
 * Reads a line as it was written: with a key twice, or another key beside those of an entry, a reader might take it for
 * something else than its hash was made of.
 */
function readLine(file: string, row: number, text: string): AuditLineShape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CliError(`${file}:${row}: not JSON; \`bylaw export audit-log --format jsonl\` makes such a file`, 2);
  }
  const problem = exactLine.safeParse(value).error?.issues[0];
  if (problem !== undefined)
    throw new CliError(`${file}:${row}: not an entry of an audit log: ${problem.path.join('.')} ${problem.message}`, 2);
  if (JSON.stringify(value) !== text)
    throw new CliError(`${file}:${row}: not as an export writes it: a key is there twice, or it was reformatted`, 2);
  return value as AuditLineShape;
}

function chainedOf(file: string, row: number, shape: AuditLineShape): ChainedLine {
  const { organization, prev_hash: previous, hash, ...entry } = shape;
  const orgId = parsePublicId('organization', organization);
  if (orgId === null) throw new CliError(`${file}:${row}: ${organization} is no organization’s id`, 2);
  const line = { org_id: orgId, ...entry } as AuditLine;
  return { line, prevHash: Buffer.from(previous, 'hex'), hash: Buffer.from(hash, 'hex') };
}
