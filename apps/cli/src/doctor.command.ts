import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '#kernel';
import { CliError } from './cli-error.js';

interface DoctorFlags {
  url?: string;
  timeout: number;
  json?: boolean;
}

const LONGEST_SECONDS = 600;

/** `bylaw doctor`: whether an installation is as it should be, and what to do where it isn't. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .option('--url <url>', 'the API (default: $BYLAW_PUBLIC_URL, else localhost)', anAddress)
    .option('--timeout <seconds>', 'for each check', seconds, 10)
    .option('--json', 'for programs')
    .action(run);
}

async function run(flags: DoctorFlags): Promise<void> {
  const { examine, reportText } = await loadDoctor();
  const report = await examine({
    environment: process.env,
    url: flags.url,
    limitMs: flags.timeout * 1_000,
    clock: systemClock,
  });
  const width = process.stdout.isTTY === true ? process.stdout.columns : undefined;
  process.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, width));
  if (report.status === 'failed') throw new CliError('', 1);
}

/** The platform's own parts, which are not everywhere where this command is. */
async function loadDoctor() {
  try {
    const [{ examine }, { reportText }] = await Promise.all([
      import('../../doctor/src/doctor.js'),
      import('../../doctor/src/report.js'),
    ]);
    return { examine, reportText };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CliError(
      'doctor needs the platform’s parts, which are not here: run it where the platform is installed, as in `docker compose exec api npx bylaw doctor`',
      2,
    );
  }
}

function anAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('Not a URL, as in http://localhost:3000.');
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= LONGEST_SECONDS) return value;
  throw new InvalidArgumentError(`A number of seconds, more than 0 and at most ${LONGEST_SECONDS}.`);
}
