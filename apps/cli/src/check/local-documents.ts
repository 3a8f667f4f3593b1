import pLimit from 'p-limit';
import type { ValidationDocument } from '#contracts';
import { IGNORE_WORD, type PostedDocument, postedOf, readPostedDocuments, type Posted } from '#judging';
import { closeManifestReaders, type ManifestDocument, readManifests, readManifestsIsolated } from '#kube';
import type { Progress } from './progress.js';
import { Strangers } from './strangers.rules.js';
import type { SourceText, SourceTexts, UnnamedText } from './source-texts.js';
import { STDIN } from './sources.js';

/** How long one file may take to be read. */
const READ_DEADLINE_MS = 10_000;
/** Texts that are read, or wait for a thread, together. */
const AT_ONCE = 8;

/** Reads manifests into what can be judged; a text that was read before is not read again. */
export class LocalReader {
  private readonly known = new WeakMap<SourceText, ManifestDocument[]>();

  /**
   * @param namespace of objects that say none
   * @param isolated in threads of their own, so that no text can stop or end this process
   */
  constructor(
    private readonly namespace: string | undefined,
    private readonly isolated: boolean,
  ) {}

  /**
   * @param sources what is read
   * @param progress told of each text
   */
  async read({ texts, unreadable }: SourceTexts, progress?: Progress): Promise<Posted> {
    const turns = pLimit(AT_ONCE);
    const reading = texts.map((text) =>
      turns(async () => {
        const documents = await this.documentsOf(text);
        progress?.step();
        return documents;
      }),
    );
    const documents = await Promise.all(reading);
    await closeManifestReaders();
    let next = 0;
    const read = await readPostedDocuments(
      {
        texts: texts.map(commentsAlone),
        objects: [],
        about: this.namespace === undefined ? {} : { namespace: this.namespace },
      },
      () => Promise.resolve(documents[next++] ?? []),
    );
    const strangers = new Strangers(texts);
    const posted = postedOf(
      read.map((one) => ({ ...one, path: one.path ?? STDIN })).map((one) => withoutStranger(one, strangers)),
    );
    const failed = unreadable.map((one, index): ValidationDocument => {
      return { ...one, index: posted.documents.length + index };
    });
    return { ...posted, documents: [...posted.documents, ...failed] };
  }

  private async documentsOf(text: SourceText): Promise<ManifestDocument[]> {
    const { path, content } = text;
    const options = { positions: true, path };
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const { documents } = this.isolated
      ? await readManifestsIsolated(content, options, READ_DEADLINE_MS)
      : readManifests(content, options);
    this.known.set(text, documents);
    return documents;
  }
}

/** Of the text itself only its comments are looked at any more: most files have none that matter. */
function commentsAlone({ path, content, file }: SourceText): UnnamedText {
  if (typeof content === 'string') return { path: file === undefined ? null : path, content };
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return { path, content: bytes.includes(IGNORE_WORD) ? bytes.toString('utf8') : '' };
}

function withoutStranger(one: PostedDocument, strangers: Strangers): PostedDocument {
  const { document, path } = one;
  if (document.status !== 'invalid' || document.itemPath !== undefined) return one;
  if (!strangers.has(document.error?.code, path, document.line - one.firstLine + 1)) return one;
  return { ...one, document: { ...document, status: 'ignored' } };
}
