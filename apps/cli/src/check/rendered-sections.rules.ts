/** What `helm template` writes before each document: the template that it was rendered from. */
const SECTION = /(?:^|\n)---[ \t]*\r?\n# Source: ([^\r\n]+)\r?\n/g;

/**
 * Cuts a stream at the comments that name a document's template, so that each is told by that name, and its lines are
 * counted from there.
 * @param text any stream of documents
 * @param unnamed the name of what stands before the first such comment
 * @returns the sections in order; the whole text where there are none
 */
export function renderedSections(text: string, unnamed: string): { path: string; content: string }[] {
  const sections: { path: string; content: string }[] = [];
  let open = { path: unnamed, from: 0 };
  for (const match of text.matchAll(SECTION)) {
    sections.push({ path: open.path, content: text.slice(open.from, match.index) });
    open = { path: (match[1] ?? unnamed).trim(), from: match.index + match[0].length };
  }
  sections.push({ path: open.path, content: text.slice(open.from) });
  return sections.filter(({ content }) => content.trim() !== '');
}
