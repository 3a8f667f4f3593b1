import { setTimeout as delay } from 'node:timers/promises';
import type { ValidateEnvelope, ValidationDocument, ValidationResult } from '#contracts';
import { againstBaseline, foundEarlier } from '#judging';
import { CliError } from '../cli-error.js';
import { causeOf, refusalOf } from '../server.js';
import { readBaseline } from './baseline.js';
import { emptyResult, envelopeOf, mergedResult, partsOf } from './parts.rules.js';
import { type CheckSettings, isServersBaseline, type ServerSettings } from './settings.js';
import type { SourceText, SourceTexts, UnnamedText } from './source-texts.js';
import { STDIN } from './sources.js';
import type { UnreadDocument } from './unreadable.js';
import { Strangers } from './strangers.rules.js';

/** The server can't be asked: that is no refusal, and what is done about it is the user's to say. */
export class ServerAway extends Error {}

const ANSWER_WITHIN_MS = 120_000;
/** A server that is busy is asked again so many times, and waited for so long at most. */
const TRIES = 3;
const WAIT_MAX_MS = 30_000;
/** Answers that say that there is nobody to answer. */
const AWAY = new Set([502, 503, 504]);
const BUSY = 429;
const TOO_LARGE = 413;

type About = Omit<ValidateEnvelope, 'specs' | 'manifest' | 'files'>;
type Context = NonNullable<ValidateEnvelope['context']>;

/** What a server answered: judged, or that nothing in it can be. */
type Answer = { result: ValidationResult } | { documents: ValidationDocument[] } | 'too large';

/**
 * Has a platform judge, in as many parts as it takes.
 * @param settings what was asked for
 * @param server which platform
 * @param context where what is judged comes from
 * @param sources what is judged
 * @returns one result of all parts
 * @throws ServerAway; CliError 2 where it refuses
 */
export async function judgeThere(
  settings: CheckSettings,
  server: ServerSettings,
  context: Context,
  { texts, unreadable }: SourceTexts,
): Promise<ValidationResult> {
  const posted = texts.map(postedText);
  const readable = posted.flatMap((text) => ('content' in text ? [text] : []));
  const broken = [...unreadable, ...posted.flatMap((text) => ('content' in text ? [] : [text]))];
  const judged = await new Posting(server, aboutOf(settings, server, context), settings).all(partsOf(readable));
  const failOn = settings.failOn ?? 'high';
  const strangers = new Strangers(texts);
  const [first = emptyResult([], failOn), ...others] = judged;
  const result = mergedResult([
    first,
    ...others,
    emptyResult(
      broken.map((one) => ({ ...one, index: 0 })),
      failOn,
    ),
  ]);
  return withFileBaseline(
    {
      ...result,
      documents: result.documents.map((one) => withoutStranger({ ...one, path: one.path ?? STDIN }, strangers)),
    },
    settings,
  );
}

function aboutOf({ namespace, failOn, baseline }: CheckSettings, server: ServerSettings, context: Context): About {
  return {
    ...(server.cluster !== undefined && { cluster: server.cluster }),
    ...(server.environment !== undefined && { environment: server.environment }),
    ...(namespace !== undefined && { namespace }),
    ...(failOn !== undefined && { fail_on: failOn }),
    ...(isServersBaseline(baseline) && { baseline }),
    ...(Object.keys(context).length > 0 && { context }),
  };
}

/** Posts parts to one platform. */
class Posting {
  constructor(
    private readonly server: ServerSettings,
    private readonly about: About,
    private readonly settings: Pick<CheckSettings, 'quiet'>,
  ) {}

  async all(parts: readonly UnnamedText[][]): Promise<ValidationResult[]> {
    if (parts.length > 1) {
      if (this.about.baseline === 'previous')
        throw new CliError('--baseline previous: there is more than one validation takes; name less at once', 2);
      this.say(`posting in ${parts.length} parts: objects in one don’t see those in another`);
    }
    const results: ValidationResult[] = [];
    for (const part of parts) results.push(...(await this.part(part)));
    return results;
  }

  /** Halved where the platform takes less than it was thought to. */
  private async part(texts: readonly UnnamedText[]): Promise<ValidationResult[]> {
    const answer = await this.ask({ ...this.about, ...envelopeOf(texts) });
    if (answer === 'too large') {
      const [only] = texts;
      if (texts.length === 1 || this.about.baseline === 'previous')
        throw new CliError(`${only?.path ?? STDIN}: more than one validation takes`, 2);
      const middle = Math.ceil(texts.length / 2);
      return [...(await this.part(texts.slice(0, middle))), ...(await this.part(texts.slice(middle)))];
    }
    if ('result' in answer) return [answer.result];
    return [emptyResult(answer.documents, this.about.fail_on ?? 'high')];
  }

  private async ask(body: ValidateEnvelope): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.post(body);
      if (response.ok) return { result: (await response.json()) as ValidationResult };
      if (response.status === TOO_LARGE) return 'too large';
      const isBusy = response.status === BUSY || AWAY.has(response.status);
      if (!isBusy) return nothingJudged(response);
      if (attempt === TRIES) throw new ServerAway(`${this.server.url} answers ${response.status}`);
      await delay(Math.min(WAIT_MAX_MS, 1_000 * Number(response.headers.get('retry-after') ?? attempt) || 1_000));
    }
  }

  private async post(body: ValidateEnvelope): Promise<Response> {
    try {
      // A key is sent to the server that was named, and to no other.
      return await fetch(`${this.server.url}/api/v1/validate`, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        headers: { authorization: `Bearer ${this.server.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    } catch (error) {
      throw new ServerAway(`no answer from ${this.server.url}: ${causeOf(error)}`);
    }
  }

  private say(line: string): void {
    if (!this.settings.quiet) process.stderr.write(`bylaw: ${line}\n`);
  }
}

/** A part without any good object is no failure of the whole: others may have some. */
async function nothingJudged(response: Response): Promise<Answer> {
  const copy = response.clone();
  const problem = (await copy.json().catch(() => ({}))) as { code?: string; documents?: ValidationDocument[] };
  if (problem.code === 'all_documents_invalid') return { documents: problem.documents ?? [] };
  if (problem.code === 'no_specs') return { documents: [] };
  throw await refusalOf(response);
}

/** JSON carries text: what is none is told here. */
function postedText({ path, content, file }: SourceText): UnnamedText | UnreadDocument {
  if (typeof content === 'string') return { path: file === undefined ? null : path, content };
  const [first, second] = content;
  const little = first === 0xff && second === 0xfe;
  const encoding = little ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return { path, content: new TextDecoder(encoding, { fatal: true }).decode(content) };
  } catch {
    const message = 'not UTF-8 text: save the file as UTF-8';
    return { path, status: 'invalid', error: { code: 'not_utf8', message } };
  }
}

function withoutStranger(document: ValidationDocument, strangers: Strangers): ValidationDocument {
  const { path, status, error } = document;
  if (status !== 'invalid' || !strangers.has(error?.code, path, error?.line ?? 1)) return document;
  return { ...document, status: 'ignored' };
}

/** The platform knows nothing of our file: what was there before is taken out of its decision here, by the same rule (F5). */
function withFileBaseline(result: ValidationResult, { baseline }: CheckSettings): ValidationResult {
  if (baseline === undefined || isServersBaseline(baseline)) return result;
  return { ...result, ...againstBaseline(result, foundEarlier(readBaseline(baseline))) };
}
