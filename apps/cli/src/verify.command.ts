import { Command } from 'commander';
import { CliError } from './cli-error.js';
import { verifyExportedLog } from './exported-log.js';

const FAULTS = {
  changed: 'its hash is of something else than what it says',
  unlinked: 'it does not follow from the line before',
  'out-of-order': 'an entry of this number, or a later one, stands before it',
};

/** `bylaw verify`: whether an exported audit log is as it was written, without the platform. */
export function verifyCommand(): Command {
  return new Command('verify').argument('<file>', 'audit log, exported whole as JSON lines').action(verify);
}

async function verify(file: string): Promise<void> {
  const verdict = await verifyExportedLog(file);
  if (!verdict.ok) {
    process.stdout.write(`bad: ${file}:${verdict.row}: seq ${verdict.seq}: ${FAULTS[verdict.reason]}\n`);
    throw new CliError('', 1);
  }
  const { entries, firstHash, lastHash, organization } = verdict;
  process.stdout.write(`ok: ${entries} entries, chain ${firstHash} to ${lastHash}, of ${organization}\n`);
}
