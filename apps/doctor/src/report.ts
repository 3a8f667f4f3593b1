import Table from 'cli-table3';
import pc from 'picocolors';
import type { Report } from './doctor.js';
import { CHECKS, type Status } from './finding.js';

const COLOURS: Record<Status, (text: string) => string> = {
  ok: pc.green,
  warning: pc.yellow,
  failed: pc.red,
  skipped: pc.dim,
};
/** Narrower than this nothing can be read any more. */
const NARROWEST = 60;
/** No lines, and two spaces between columns. */
const BARE = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
    (side === 'left' || side === 'right'
      ? [side, `${side}-mid`]
      : [side, `${side}-mid`, `${side}-left`, `${side}-right`]
    ).map((name) => [name, '']),
  ),
);

/**
 * @param report what was found
 * @param width of the terminal in characters; undefined where nobody reads it there: then no line is broken
 * @returns a table for people: what to do stands under what isn't as it should be
 */
export function reportText({ version, findings }: Report, width?: number): string {
  const statusWidth = Math.max(...findings.map(({ status }) => status.length)) + 2;
  const subjectWidth = Math.max(...findings.map(({ subject }) => subject.length)) + 2;
  const foundWidth = Math.max(NARROWEST, width ?? 0) - statusWidth - subjectWidth - 2;
  const lines = [pc.bold(`Bylaw ${version}`)];
  for (const check of CHECKS.filter((name) => findings.some((finding) => finding.check === name))) {
    const table = new Table({
      chars: { ...BARE, middle: '' },
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
      colWidths: [statusWidth, subjectWidth, width === undefined ? null : foundWidth],
      wordWrap: width !== undefined,
    });
    for (const { status, subject, found, advice } of findings.filter((finding) => finding.check === check))
      table.push([COLOURS[status](status), subject, advice === undefined ? found : `${found}\n→ ${advice}`]);
    lines.push(
      '',
      pc.bold(check),
      ...table
        .toString()
        .split('\n')
        .map((line) => `  ${line.trimEnd()}`),
    );
  }
  return `${lines.join('\n')}\n\n${summary(findings.map(({ status }) => status))}\n`;
}

function summary(statuses: readonly Status[]): string {
  return (['failed', 'warning', 'ok', 'skipped'] as const)
    .map((status) => ({ status, n: statuses.filter((one) => one === status).length }))
    .filter(({ n }) => n > 0)
    .map(({ status, n }) => COLOURS[status](`${n} ${status}`))
    .join(', ');
}
