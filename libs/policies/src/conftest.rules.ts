import type { Dialect, LibrarySource } from '#engine';
import { cut, type Conversion, type ForeignDocument } from './import.rules.js';

/** A file of Rego, and where it lay. */
interface RegoFile {
  document: ForeignDocument;
  path: string;
  source: string;
  package: string;
  /** Without comments. */
  code: string;
  /** What it defines beside its answers. */
  defines: string[];
}

const PACKAGE = /^[ \t]*package[ \t]+([^\s;#]+)/m;
const FAILS = /^[ \t]*(?:deny|violation)(?:_[a-zA-Z0-9]+)*[ \t]*(?:\[|contains\b)/m;
const WARNS = /^[ \t]*warn(?:_[a-zA-Z0-9]+)*[ \t]*(?:\[|contains\b)/m;
const REVIEW = /\binput\s*\.\s*(?:review|parameters)\b|\binput\s*\[\s*"review"/;
const RULE = /^(?:default[ \t]+)?([a-zA-Z_]\w*)/gm;
const NO_RULE = /^(?:package|import|else|(?:deny|violation|warn)(?:_[a-zA-Z0-9]+)*)$/;
const REFERENCE = /\bdata\.([\w.]+)/g;
const TITLE = /^#[ \t]*title:[ \t]*(\S.*)$/m;
const DESCRIPTION = /^#[ \t]*description:[ \t]*(\S.*)$/m;
/** As many modules one policy brings along. */
const LIBS_MAX = 100;

/**
 * Files of plain Rego, as conftest takes them: each whose rules `deny`, `violation` or `warn` is a policy, and what it
 * warns of another one beside it. What it refers to in other files, and what lies in its package, it brings along.
 * @param documents that are Rego, of one import
 * @returns conversions by document
 */
export function convertRego(documents: readonly ForeignDocument[]): Map<ForeignDocument, Conversion[]> {
  const files = documents.flatMap((document) => fileOf(document) ?? []);
  return new Map(files.map((file) => [file.document, convertFile(file, files)]));
}

function fileOf(document: ForeignDocument): RegoFile | undefined {
  if (!('rego' in document.content)) return undefined;
  const { rego: source } = document.content;
  const code = source.replaceAll(/^([ \t]*)#.*$/gm, '$1');
  const { path = 'policy.rego' } = document;
  const names = [...code.matchAll(RULE)].map(([, name = '']) => name);
  const defines = [...new Set(names)].filter((name) => !NO_RULE.test(name));
  return { document, path, source, code, defines, package: PACKAGE.exec(code)?.[1] ?? '' };
}

function convertFile(file: RegoFile, files: readonly RegoFile[]): Conversion[] {
  if (file.path.endsWith('_test.rego')) return [{ as: 'skipped', reason: 'tests are not imported' }];
  if (file.package === '') return [{ as: 'failed', reason: 'it has no package' }];
  if (file.package.startsWith('bylaw.'))
    return [{ as: 'skipped', reason: 'a policy of Bylaw’s own: push it with `bylaw policy push`' }];
  const fails = FAILS.test(file.code);
  const warns = WARNS.test(file.code);
  if (!fails && !warns) return [{ as: 'skipped', reason: 'no policy: it has no rule `deny`, `violation` or `warn`' }];
  // Gatekeeper's own Rego, outside of a template.
  if (fails && REVIEW.test(file.code))
    return [draftOf(file, files, 'gatekeeper', ['it reads input.review: it is taken as Gatekeeper’s'])];
  return [
    ...(fails ? [draftOf(file, files, 'conftest', [])] : []),
    ...(warns ? [draftOf(file, files, 'conftest-warn', [])] : []),
  ];
}

function draftOf(file: RegoFile, files: readonly RegoFile[], dialect: Dialect, notes: string[]): Conversion {
  const libs = libsOf(file, files);
  if (libs.length > LIBS_MAX)
    return { as: 'failed', reason: `it needs ${libs.length} other files: at most ${LIBS_MAX}` };
  const plain = (file.path.split('/').at(-1) ?? '').replace(/\.rego$/, '');
  const name = ['policy', 'src', 'main'].includes(plain) ? (file.path.split('/').at(-2) ?? plain) : plain;
  const isWarning = dialect === 'conftest-warn';
  const title = TITLE.exec(file.source)?.[1]?.trim() ?? name;
  return {
    as: 'policy',
    draft: {
      importKey: `${dialect}/${file.path}`,
      name: isWarning ? `${cut(name, 58)}-warn` : name,
      rego: file.source,
      given: {
        title: cut(isWarning ? `${title} (warning)` : title, 200),
        description: cut(DESCRIPTION.exec(file.source)?.[1]?.trim() ?? '', 20_000),
        severity: isWarning ? 'low' : 'medium',
        category: 'operational-excellence',
        kinds: ['*'],
        expand: true,
        parameters: { type: 'object' },
      },
      dialect,
      rego_versions: ['v1', 'v0'],
      libs,
    },
    notes,
  };
}

function isWithin(name: string, outer: string): boolean {
  return name === outer || name.startsWith(`${outer}.`);
}

/**
 * The files that a policy reaches, directly or by another, by path. Of its own package they are those that define what it
 * names: the others are policies of their own. */
function libsOf(policy: RegoFile, files: readonly RegoFile[]): LibrarySource[] {
  const others = files.filter((file) => file !== policy && !file.path.endsWith('_test.rego') && file.package !== '');
  const reached = new Set([policy]);
  for (const { code, package: own } of reached) {
    const named = [...code.matchAll(REFERENCE)].map(([, name = '']) => name);
    const words = new Set(code.match(/\w+/g));
    const isNeeded = (other: RegoFile): boolean =>
      other.package === own
        ? other.defines.some((name) => words.has(name) || name === 'exception')
        : named.some((name) => isWithin(name, other.package) || isWithin(other.package, name));
    for (const other of others) if (isNeeded(other)) reached.add(other);
  }
  reached.delete(policy);
  return [...reached]
    .map(({ path, source }) => ({ file: cut(path, 300), source }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}
