import { dirname } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import type { ValidationResult, ValidationViolation } from '#contracts';
import type { Baseline, Posted } from '#judging';
import type { LocalJudge } from '../check/local-check.js';
import type { LocalReader } from '../check/local-documents.js';
import type { CheckSettings } from '../check/settings.js';
import type { SourceText, SourceTexts } from '../check/source-texts.js';
import { fixText, type FixedText } from './fix-text.js';
import { LeftAlone, replaceFile } from './replace-file.js';

/** What the fixes of all files came to. */
export interface FixReport {
  /** Of everything, as it is afterwards. */
  result: ValidationResult;
  /** What would be shown, or was written: a unified diff a file. */
  diff: string;
  fixed: number;
  files: number;
  /** Fixes that were not written, and files that were left alone: a line each. */
  left: string[];
}

/** A fix may show what another policy then finds: so many times it is looked again. */
const ROUNDS_MAX = 10;
const MARK = '\uFEFF';

/** A file that fixes go into. */
interface OpenFile {
  source: SourceText & { file: string; content: Uint8Array };
  /** Its text so far, without byte order mark. */
  text: string;
  /** The same, to be read. */
  now: SourceText;
}

/** Fixes what can be fixed in files, and judges again. */
export class Fixing {
  private readonly files = new Map<string, OpenFile>();
  private readonly left = new Map<string, string>();
  private readonly fixed = new Set<string>();

  /**
   * @param settings what was asked for
   * @param by judges with fixes, and reads
   * @param sources what was read; standard input has nothing that could be written
   * @param baseline what is to stay as it is
   */
  constructor(
    private readonly settings: CheckSettings,
    private readonly by: { judge: LocalJudge; reader: LocalReader },
    private readonly sources: SourceTexts,
    private readonly baseline: Baseline | undefined,
  ) {
    for (const source of sources.texts) {
      const text = textOf(source.content);
      const { file, content } = source;
      if (file !== undefined && text !== undefined && typeof content !== 'string')
        this.files.set(source.path, { source: { ...source, file, content }, text, now: source });
    }
  }

  /**
   * @param write whether files are written; otherwise only said what would be
   */
  async run(write: boolean): Promise<FixReport> {
    let posted = await this.read();
    const first = await this.by.judge.judge(posted, this.baseline);
    let dirty = new Set(first.violations.flatMap((one) => (isWanted(one) ? (one.location?.path ?? []) : [])));
    for (let round = 0; round < ROUNDS_MAX && dirty.size > 0; round++) {
      dirty = await this.round(posted, dirty);
      if (dirty.size > 0) posted = await this.read();
    }
    const changed = [...this.files.values()].filter(({ source, text }) => text !== textOf(source.content));
    const diff = changed.map(diffOf).join('');
    const kept = write ? await this.write(changed) : changed.length;
    const result = this.fixed.size === 0 ? first : await this.by.judge.judge(await this.read(), this.baseline);
    for (const { fingerprint } of result.violations) this.fixed.delete(fingerprint);
    return { result, diff, fixed: this.fixed.size, files: kept, left: [...this.left.values()] };
  }

  /** @returns the files that have changed, which have to be looked at again */
  private async round(posted: Posted, dirty: ReadonlySet<string>): Promise<Set<string>> {
    const changed = new Set<string>();
    for (const path of dirty) {
      const open = this.files.get(path);
      if (open === undefined) continue;
      // What was rendered from a file of this name is not what stands in it.
      const objects = posted.objects.filter((one) => one.path === path && one.firstLine === 1);
      const fixables = objects.map(async (object) => {
        const { violations } = await this.by.judge.judge(posted, this.baseline, [object]);
        return { document: object.document, violations: violations.filter(isWanted) };
      });
      const after = fixText(open.text, await Promise.all(fixables));
      this.note(path, after);
      if (after.text === open.text) continue;
      open.text = after.text;
      open.now = { ...open.source, content: after.text };
      changed.add(path);
    }
    return changed;
  }

  private note(path: string, { done, refused }: FixedText): void {
    for (const { fingerprint } of done) this.fixed.add(fingerprint);
    for (const { violation, why } of refused) {
      const { policy, object } = violation;
      this.left.set(
        `${path} ${violation.fingerprint}`,
        `${path}: ${policy.slug} of ${object.kind} ${object.name}: ${why}`,
      );
    }
  }

  private read(): Promise<Posted> {
    const texts = this.sources.texts.map((source) => this.opened(source)?.now ?? source);
    return this.by.reader.read({ ...this.sources, texts });
  }

  private opened({ path, file }: SourceText): OpenFile | undefined {
    return file === undefined ? undefined : this.files.get(path);
  }

  private async write(changed: readonly OpenFile[]): Promise<number> {
    const { cwd } = this.settings;
    let written = 0;
    for (const open of changed) {
      const { file, path, content } = open.source;
      try {
        const tree = path.startsWith('../') ? dirname(file) : cwd;
        await replaceFile(file, tree, content, markOf(content) + open.text);
        written += 1;
      } catch (error) {
        if (!(error instanceof LeftAlone)) throw error;
        this.left.set(path, `${path}: left alone: ${error.message}`);
        open.text = textOf(content) ?? open.text;
        open.now = open.source;
      }
    }
    return written;
  }
}

/** What counts and can be fixed: not what was waived, or was there before. */
function isWanted({ fix, waiver, baseline }: ValidationViolation): boolean {
  return fix !== undefined && waiver === undefined && baseline !== 'existing';
}

/** @returns undefined where it is no UTF-8, which is read but not written */
function textOf(content: Uint8Array | string): string | undefined {
  if (typeof content === 'string') return content;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

function markOf(content: Uint8Array): string {
  return content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf ? MARK : '';
}

function diffOf({ source, text }: OpenFile): string {
  const shown = source.path.replaceAll(/[\n\r\t]/g, '?');
  return createTwoFilesPatch(`a/${shown}`, `b/${shown}`, textOf(source.content) ?? '', text, undefined, undefined, {
    context: 3,
  }).replace(/^=+\n/, '');
}
