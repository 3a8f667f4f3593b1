import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { createRequire } from 'node:module';
import type { Log } from 'sarif';
import { Parser, type FinalResults, type Result as TapPoint } from 'tap-parser';
import { type XmlElement, XmlDocument, XsdValidator } from 'libxml2-wasm';
import { JUNIT_SCHEMA } from './junit-schema.js';

/** Consumers of our formats: each reads a text as its users' tools would, and throws where it can't. */

const require = createRequire(import.meta.url);
const { $schema: _dialect, id: _id, ...sarifSchema } = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as Record<string, unknown>;
const ajv = new Ajv({ strict: false, unicodeRegExp: false });
formats.default(ajv);
const isSarif = ajv.compile(sarifSchema);

/** @returns the log, which is valid by the schema of SARIF 2.1.0 */
export function readSarif(text: string): Log {
  const log = JSON.parse(text) as Log;
  if (!isSarif(log)) throw new Error(ajv.errorsText(isSarif.errors));
  return log;
}

export interface JunitCase {
  name: string;
  suite: string;
  classname: string;
  outcome: 'passed' | 'skipped' | 'error' | 'failure';
  message: string;
  text: string;
}

/** @returns all tests of a report that is valid by `JUNIT_SCHEMA`, and the figures of each suite */
export function readJunit(text: string): { cases: JunitCase[]; properties: Record<string, string>; suites: string[] } {
  using schema = XmlDocument.fromString(JUNIT_SCHEMA);
  using validator = XsdValidator.fromDoc(schema);
  using document = XmlDocument.fromString(text);
  validator.validate(document);
  const elements = (path: string): XmlElement[] => document.find(path) as XmlElement[];
  const cases = elements('/testsuites/testsuite/testcase').map((element): JunitCase => {
    const outcome = element.find('*')[0] as XmlElement | undefined;
    return {
      name: attribute(element, 'name'),
      suite: attribute(element.parent as XmlElement, 'name'),
      classname: attribute(element, 'classname'),
      outcome: (outcome?.name as JunitCase['outcome'] | undefined) ?? 'passed',
      message: outcome === undefined ? '' : attribute(outcome, 'message'),
      text: outcome?.content ?? '',
    };
  });
  const properties = elements('/testsuites/testsuite/properties/property').map(
    (element): [string, string] => [attribute(element, 'name'), attribute(element, 'value')],
  );
  return {
    cases,
    properties: Object.fromEntries(properties),
    suites: elements('/testsuites/testsuite').map(
      (suite) =>
        `${attribute(suite, 'tests')} tests, ${attribute(suite, 'failures')} failures, ${attribute(suite, 'errors')} errors, ${attribute(suite, 'skipped')} skipped`,
    ),
  };
}

function attribute(element: XmlElement, name: string): string {
  return element.attr(name)?.value ?? '';
}

/** @returns the test points of a stream, and what a harness makes of it */
export function readTap(text: string): { points: TapPoint[]; results: FinalResults } {
  const points: TapPoint[] = [];
  let results: FinalResults | undefined;
  const parser = new Parser({ strict: true }, (final) => (results = final));
  parser.on('assert', (point: TapPoint) => points.push(point));
  parser.end(text);
  if (results === undefined) throw new Error('the stream does not end');
  return { points, results };
}

interface Node {
  type: string;
  value?: string;
  url?: string;
  lang?: string | null;
  children?: Node[];
}

/** @returns all nodes of a document as GitHub's Markdown has them, from the first to the last */
export function readMarkdown(text: string): Node[] {
  const nodes: Node[] = [];
  const walk = (node: Node): void => {
    nodes.push(node);
    node.children?.forEach(walk);
  };
  walk(fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node);
  return nodes;
}

/** @returns the text that a reader sees in a node */
export function seenIn(node: Node): string {
  return (node.value ?? '') + (node.children ?? []).map(seenIn).join('');
}

export interface Command {
  name: string;
  properties: Record<string, string>;
  message: string;
}

/** @returns what the runner of GitHub Actions carries out: a line's `::name a=b,c=d::message`, then what is escaped */
export function readGithubCommands(text: string): { commands: Command[]; plain: string[] } {
  const unescape = (value: string): string =>
    value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
  return readCommands(text, /^\s*::([a-z-]+)(?: (.*?))?::(.*)$/s, ',', unescape);
}

/** @returns what the agent of Azure Pipelines carries out: `##vso[name a=b;c=d]message` anywhere in a line */
export function readAzureCommands(text: string): { commands: Command[]; plain: string[] } {
  const unescape = (value: string): string =>
    value
      .replaceAll('%3B', ';')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%5D', ']')
      .replaceAll('%AZP25', '%');
  return readCommands(text, /##vso\[([\w.]+)(?: ([^\]]*))?\](.*)$/is, ';', unescape);
}

function readCommands(
  text: string,
  pattern: RegExp,
  separator: string,
  unescape: (value: string) => string,
): { commands: Command[]; plain: string[] } {
  const commands: Command[] = [];
  const plain: string[] = [];
  for (const line of text.split(/\r\n|[\r\n]/).filter((one) => one !== '')) {
    const [, name, properties = '', message = ''] = pattern.exec(line) ?? [];
    if (name === undefined) {
      plain.push(line);
      continue;
    }
    const entries = properties.split(separator).map((one): [string, string] => {
      const at = one.indexOf('=');
      return [one.slice(0, at), unescape(one.slice(at + 1))];
    });
    commands.push({ name, properties: Object.fromEntries(entries), message: unescape(message) });
  }
  return { commands, plain };
}
