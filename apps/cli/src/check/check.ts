import type { ValidationResult } from '#contracts';
import { loadStockLibrary } from '#engine';
import type { ResultContext } from '#formats';
import { type Baseline, foundEarlier } from '#judging';
import { CliError } from '../cli-error.js';
import { writeOut } from '../write-out.js';
import { readBaseline } from './baseline.js';
import { counted } from './counted.js';
import { endingOf } from './exit.rules.js';
import { LocalJudge } from './local-check.js';
import { LocalReader } from './local-documents.js';
import { type LocalRules, rulesOfSettings } from './local-rules.js';
import { writeResult } from './outputs.js';
import { Progress } from './progress.js';
import { isServersBaseline, type CheckSettings } from './settings.js';
import { readSources, type SourceTexts } from './source-texts.js';
import { findSources } from './sources.js';

/**
 * Up to so much, everything is done in this thread: starting others costs more than they save (two cores, files of 3 KB). A
 * longer text is read apart however little there is, so that none can stop us.
 */
const SMALL = { texts: 400, bytes: 1_500_000, text: 128 * 1024 };

/**
 * `bylaw check`: finds, reads, judges, writes.
 * @param settings what was asked for
 * @throws CliError as API.md says how it ends
 */
export async function check(settings: CheckSettings): Promise<void> {
  const sources = await gather(settings);
  const result = await judged(settings, sources);
  if (result !== undefined) await finish(settings, result);
}

/** @returns undefined where nobody could judge, and that was to be no failure */
async function judged(settings: CheckSettings, sources: SourceTexts): Promise<ValidationResult | undefined> {
  const { server } = settings;
  if (server === undefined) return judgeHere(settings, sources, rulesOfSettings(settings));
  const [{ judgeThere, ServerAway }, { pipelineContext }] = await Promise.all([
    import('./server-check.js'),
    import('./pipeline-context.js'),
  ]);
  const context = pipelineContext(process.env, settings.cwd);
  try {
    const result = await judgeThere(settings, server, context, sources);
    if (server.onUnavailable === 'local') await (await import('./stand-in.js')).keepRules(settings, server, context);
    return result;
  } catch (error) {
    if (!(error instanceof ServerAway)) throw error;
    if (server.onUnavailable === 'fail') throw new CliError(error.message, 2);
    if (server.onUnavailable === 'pass') {
      process.stderr.write(`bylaw: ${error.message}: nothing was judged, and it passes (--on-unavailable pass)\n`);
      return undefined;
    }
    const { keptRules } = await import('./stand-in.js');
    return judgeHere(settings, sources, await keptRules(settings, server, context, error.message));
  }
}

/** @returns the texts of everything that was named; what is worth a word is said */
export async function gather(settings: CheckSettings): Promise<SourceTexts> {
  const sources = await findSources(settings.paths, settings);
  for (const note of sources.notes) say(settings, note);
  return readSources(sources);
}

/** Writes the result, and ends as it has to. */
export async function finish(settings: CheckSettings, result: ValidationResult): Promise<void> {
  await writeResult(result, settings, await contextOf(settings));
  const { exitCode, why } = endingOf(result, { invalid: settings.skipInvalid, empty: settings.allowEmpty });
  if (exitCode !== 0) throw new CliError(why, exitCode);
}

/** Judges in this process. */
async function judgeHere(
  settings: CheckSettings,
  sources: SourceTexts,
  wanted: LocalRules | Promise<LocalRules>,
): Promise<ValidationResult> {
  const known = baselineOf(settings);
  const threads = !isSmall(sources);
  const progress = new Progress('files read', sources.texts.length, !settings.quiet);
  const [rules, posted] = await Promise.all([
    wanted,
    new LocalReader(settings.namespace, threads).read(sources, progress),
  ]).finally(() => progress.end());
  const judge = LocalJudge.prepare(rules, settings, threads);
  try {
    return await judge.judge(posted, known);
  } finally {
    await judge.close();
  }
}

/**
 * `bylaw check --fix`: writes what can be fixed, and judges what is then there.
 * @param dryRun only the diff is shown
 * @throws CliError as of `check`, by what is there afterwards
 */
export async function fix(settings: CheckSettings, dryRun: boolean): Promise<void> {
  const { Fixing } = await import('../fix/fix.js');
  const sources = await gather(settings);
  const threads = !isSmall(sources);
  const judge = LocalJudge.prepare(await rulesOfSettings(settings), settings, threads);
  try {
    const reader = new LocalReader(settings.namespace, threads);
    const report = await new Fixing(settings, { judge, reader }, sources, baselineOf(settings)).run(!dryRun);
    const { fixed, files, left } = report;
    for (const line of left) process.stderr.write(`bylaw: ${line}\n`);
    const done = dryRun ? 'can be fixed' : 'fixed';
    say(settings, `${counted(fixed, 'violation')} ${done}, in ${counted(files, 'file')}`);
    if (dryRun) await writeOut(report.diff);
    const outputs = dryRun ? settings.outputs.filter(({ file }) => file !== undefined) : settings.outputs;
    await finish({ ...settings, outputs }, report.result);
  } finally {
    await judge.close();
  }
}

function baselineOf({ baseline }: CheckSettings): Baseline | undefined {
  return baseline === undefined || isServersBaseline(baseline) ? undefined : foundEarlier(readBaseline(baseline));
}

/** @returns whether it is little enough for this thread */
export function isSmall({ texts }: Pick<SourceTexts, 'texts'>): boolean {
  const lengths = texts.map(({ content }) => content.length);
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  return texts.length <= SMALL.texts && bytes <= SMALL.bytes && lengths.every((length) => length <= SMALL.text);
}

function say({ quiet }: CheckSettings, line: string): void {
  if (!quiet) process.stderr.write(`bylaw: ${line}\n`);
}

/** Help texts are read where somebody shows them. */
async function contextOf({ outputs }: CheckSettings): Promise<ResultContext> {
  if (!outputs.some(({ format }) => format === 'sarif' || format === 'markdown')) return {};
  const { manifest } = await loadStockLibrary();
  return { policies: new Map(manifest.policies.map(({ slug, metadata }) => [slug, metadata])) };
}
