import { mendText } from '#kernel';

/** A regular file of a commit. */
export interface TreeFile {
  path: string;
  /** Name of its content. */
  blob: string;
}

/** What differs between two commits, by content. */
export interface Changed {
  /** Files as the later commit has them. */
  head: TreeFile[];
  /** The same files, and those that are gone, as the earlier one has them. */
  base: TreeFile[];
}

/** What a server's branches point at. */
export interface RemoteHeads {
  /** Whole ref of the default branch; undefined where there is none. */
  defaultRef: string | undefined;
  /** Commits by ref. */
  commits: Map<string, string>;
}

const REGULAR = new Set(['100644', '100755', '100664']);
const HEADS_MAX = 20_000;

/** Output of `ls-remote`, with `--symref` or without. */
export function parseHeads(output: Buffer): RemoteHeads {
  const commits = new Map<string, string>();
  let defaultRef: string | undefined;
  for (const line of output.toString('utf8').split('\n')) {
    const symref = /^ref: (refs\/heads\/\S+)\tHEAD$/.exec(line);
    if (symref !== null) defaultRef = symref[1];
    const [, commit, ref] = /^([0-9a-f]{40}|[0-9a-f]{64})\t(refs\/\S+)$/.exec(line) ?? [];
    if (commit !== undefined && ref !== undefined && commits.size < HEADS_MAX) commits.set(mendText(ref), commit);
  }
  return { defaultRef, commits };
}

/** Output of `ls-tree -r -z`. */
export function parseTree(output: Buffer): TreeFile[] {
  return fieldsOf(output).flatMap((entry) => {
    const tab = entry.indexOf('\t');
    const [mode = '', , blob = ''] = entry.slice(0, tab).split(' ');
    return REGULAR.has(mode) ? [{ path: mendText(entry.slice(tab + 1)), blob }] : [];
  });
}

/** Output of `diff-tree -r -z --raw` with exact renames. */
export function parseChanges(output: Buffer): Changed {
  const fields = fieldsOf(output);
  const changed: Changed = { head: [], base: [] };
  for (let at = 0; at < fields.length;) {
    const [oldMode = '', newMode = '', oldBlob = '', newBlob = '', status = ''] = (fields[at++] ?? '')
      .slice(1)
      .split(' ');
    const path = mendText(fields[at++] ?? '');
    // One that was moved, and nothing else, is as it was.
    if (status.startsWith('R') || status.startsWith('C')) {
      at++;
      continue;
    }
    if (oldBlob === newBlob) continue;
    if (status !== 'A' && REGULAR.has(oldMode)) changed.base.push({ path, blob: oldBlob });
    if (status !== 'D' && REGULAR.has(newMode)) changed.head.push({ path, blob: newBlob });
  }
  return changed;
}

/** Output of `cat-file --batch-check=%(objectname) %(objectsize)`. */
export function parseSizes(output: Buffer): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const line of output.toString('latin1').split('\n')) {
    const [, name, size] = /^([0-9a-f]{40,64}) (\d+)$/.exec(line) ?? [];
    if (name !== undefined) sizes.set(name, Number(size));
  }
  return sizes;
}

/** Output of `cat-file --batch`: of each object a line, its content, and a line feed. */
export function parseContents(output: Buffer): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const [name = '', type, size] = output.subarray(at, end).toString('latin1').split(' ');
    at = end + 1;
    if (type === 'missing' || size === undefined) continue;
    contents.set(name, output.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return contents;
}

function fieldsOf(output: Buffer): string[] {
  const fields = output.toString('utf8').split('\0');
  fields.pop();
  return fields;
}
