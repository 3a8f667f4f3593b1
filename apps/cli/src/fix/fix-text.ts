import { canonicalJson, isJsonObject, type Json, type JsonObject } from '#kernel';
import type { ValidationViolation } from '#contracts';
import { applyPatch, type FixOperation, PatchError } from '#engine';
import { type ManifestDocument, parsePath, readManifests } from '#kube';
import { chunkAt } from './document-chunk.rules.js';
import { EditRefusal } from './edit.js';
import type { Layout } from './layout.js';
import { folded, patchText, pointerKeys, textOperation, writtenLayout } from './patch-text.js';

/** An object of a file, and what of it can be fixed. */
export interface Fixable {
  document: ManifestDocument;
  violations: readonly ValidationViolation[];
}

/** What became of a file's fixes. */
export interface FixedText {
  text: string;
  done: ValidationViolation[];
  /** What was left alone, and why. */
  refused: { violation: ValidationViolation; why: string }[];
}

/**
 * Writes verified patches into a text. Each is written only where the document afterwards says exactly what the patch says,
 * and nothing else of it has changed. What depends on another patch waits until that one was judged.
 * @param text of a file, without byte order mark
 * @param fixables its objects with fixes
 */
export function fixText(text: string, fixables: readonly Fixable[]): FixedText {
  const fixed: FixedText = { text, done: [], refused: [] };
  // From the end to the beginning, so that the places of the others stay what they are.
  const fromTheEnd = fixables.toSorted(
    ({ document: a }, { document: b }) => b.line - a.line || b.column - a.column || b.index - a.index,
  );
  for (const fixable of fromTheEnd) fixDocument(fixed, fixable);
  return fixed;
}

function fixDocument(fixed: FixedText, { document, violations }: Fixable): void {
  const chunk = chunkAt(fixed.text, document.line, document.column);
  const root = rootOf(document);
  let written = fixed.text.slice(chunk.from, chunk.to);
  let whole = objectOf(written);
  const before = whole;
  const done = new Set<string>();
  let layout: Layout | undefined;
  for (const violation of violations) {
    const patch = (violation.fix?.patch ?? []) as FixOperation[];
    const operations = patch.filter((one) => !done.has(canonicalJson(one)));
    if (operations.some((one) => isTaken(one, root, before, whole))) continue;
    try {
      const after = patched(whole, operations, root);
      const text = patchText(
        written,
        folded(operations).flatMap((one) => textOperation(one, root) ?? []),
        (layout ??= writtenLayout(written)),
      );
      if (canonicalJson(objectOf(text)) !== canonicalJson(after))
        throw new EditRefusal('it can’t be written here without changing more');
      [written, whole] = [text, after];
      for (const one of operations) done.add(canonicalJson(one));
      fixed.done.push(violation);
    } catch (error) {
      if (!(error instanceof EditRefusal || error instanceof PatchError)) throw error;
      fixed.refused.push({ violation, why: error.message });
    }
  }
  fixed.text = fixed.text.slice(0, chunk.from) + written + fixed.text.slice(chunk.to);
}

/** Another fix has put something there that was not there when this one was tried: it would be lost. */
function isTaken({ op, path }: FixOperation, root: readonly string[], before: JsonObject, now: JsonObject): boolean {
  if (op !== 'add') return false;
  const keys = [...root, ...pointerKeys(path)];
  return valueAt(before, keys) === undefined && valueAt(now, keys) !== undefined;
}

function patched(whole: JsonObject, operations: readonly FixOperation[], root: readonly string[]): JsonObject {
  const prefix = root.map((key) => `/${key}`).join('');
  return applyPatch(
    whole,
    operations.map((one) => ({
      ...one,
      path: prefix + one.path,
      ...(one.from !== undefined && { from: prefix + one.from }),
    })),
  );
}

/** Of an item of a List, the keys that lead to it. */
function rootOf({ itemPath }: ManifestDocument): string[] {
  return itemPath === undefined ? [] : parsePath(itemPath).map(String);
}

function objectOf(text: string): JsonObject {
  const [document, ...others] = readManifests(text, { positions: false }).documents.filter(
    ({ status }) => status !== 'ignored',
  );
  if (document?.object === undefined || others.length > 0) throw new EditRefusal('it could not be read any more');
  return document.object;
}

function valueAt(value: Json, keys: readonly string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const key of keys) {
    if (Array.isArray(current)) current = current[Number(key)];
    else if (isJsonObject(current) && Object.hasOwn(current, key)) current = current[key];
    else return undefined;
  }
  return current;
}
