import { describe, it, expect } from '@jest/globals';
import { readManifests } from './manifest-reader.js';

const HEAD = 'apiVersion: v1\nkind: ConfigMap\n';
const read = (text: string | Uint8Array, options = {}) => readManifests(text, options).documents;
const only = (text: string | Uint8Array, options = {}) => {
  const [document, ...others] = read(text, options);
  expect(others).toEqual([]);
  if (!document) throw new Error('no document was read');
  return document;
};

describe('reading manifests', () => {
  it('numbers documents, lines and columns by the whole file', () => {
    const documents = read(`# first\n${HEAD}---\n---\n\n${HEAD}---\n# nothing\n`, { path: 'a.yaml' });
    expect(documents.map(({ index, line, column, status, path }) => [index, line, column, status, path])).toEqual([
      [0, 2, 1, 'ok', 'a.yaml'],
      [1, 4, 1, 'ignored', 'a.yaml'],
      [2, 7, 1, 'ok', 'a.yaml'],
      [3, 9, 1, 'ignored', 'a.yaml'],
    ]);
  });

  it('reads nothing from a text without any document', () => {
    expect(read('')).toEqual([]);
    expect(read('# only a comment\n\n')).toEqual([]);
  });

  it('leaves the documents around a broken one alone and says where it breaks', () => {
    const documents = read(`${HEAD}---\n${HEAD}data: {a: 1\n---\n${HEAD}data: "open\n---\n${HEAD}`);
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'invalid', 'invalid', 'ok']);
    expect(documents[1]?.error).toMatchObject({ code: 'yaml_syntax', line: 6 });
    expect(documents[2]?.error).toMatchObject({ code: 'yaml_syntax', line: 10, column: 7 });
  });

  it.each([
    ['a\ttab', `${HEAD}\tdata: 1\n`, 3],
    ['an indentation', 'apiVersion: v1\nkind: A\nmetadata:\n    name: a\n  labels: {}\n', 5],
    ['a colon', 'apiVersion: v1\nkind: A\nmetadata: name: a\n', 3],
  ])('says the line of %s that is wrong', (_what, text, line) => {
    expect(only(`---\n${text}`)).toMatchObject({ status: 'invalid', error: { code: 'yaml_syntax', line: line + 1 } });
  });

  it.each([
    ['CRLF', `${HEAD}data:\n  a: |\n    x\n    y\n`.replaceAll('\n', '\r\n')],
    ['lone CR', `${HEAD}data:\n  a: |\n    x\n    y\n`.replaceAll('\n', '\r')],
    ['a byte order mark', `\ufeff${HEAD}data:\n  a: |\n    x\n    y\n`],
    ['bytes', Buffer.from(`\ufeff${HEAD}data:\n  a: |\n    x\n    y\n`)],
    ['UTF-16', Buffer.from(`\ufeff${HEAD}data:\n  a: |\n    x\n    y\n`, 'utf16le')],
  ])('reads %s with the same contents and positions', (_what, text) => {
    const document = only(text);
    expect(document.object).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'x\ny\n' } });
    expect(document.locate('data.a')).toEqual({ line: 4, column: 3 });
  });

  it('keeps --- in a block scalar, and ends a document at --- in the first column', () => {
    const documents = read(
      `${HEAD}data:\n  a: |\n    ---\n    b\n--- # next\n${HEAD}...\n--- {apiVersion: v1, kind: A}\n`,
    );
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(documents[0]?.object?.['data']).toEqual({ a: '---\nb\n' });
    expect(documents[2]?.object).toEqual({ apiVersion: 'v1', kind: 'A' });
  });

  it('ends a block scalar without a line break where the text ends without one', () => {
    expect(only(`${HEAD}data:\n  a: |\n    x`).object?.['data']).toEqual({ a: 'x' });
    expect(only(`${HEAD}data:\n  a: |\n    x\n`).object?.['data']).toEqual({ a: 'x\n' });
  });

  it('knows an anchor within its document only', () => {
    const documents = read(`${HEAD}data: &a {x: y}\n---\n${HEAD}data: *a\n`);
    expect(documents.map(({ status }) => status)).toEqual(['ok', 'invalid']);
    expect(documents[1]?.error).toMatchObject({ code: 'unknown_anchor', line: 7, column: 7 });
  });

  it('takes the nearest anchor of a name before the alias', () => {
    const document = only(`${HEAD}a: &x [1]\nb: &y {c: *x}\nd: &x [2]\ne: *y\nf: *x\n`);
    expect(document.object).toMatchObject({ b: { c: [1] }, e: { c: [1] }, f: [2] });
  });

  it('goes on with a quoted text that is less indented, as Kubernetes does', () => {
    const document = only(`${HEAD}metadata:\n  annotations:\n    a: '[\n      1\n    ]'\n    b: "x\n\ny"\n  name: z\n`);
    expect(document.object?.['metadata']).toEqual({ annotations: { a: '[ 1 ]', b: 'x\ny' }, name: 'z' });
    expect(document.locate('metadata.name')).toEqual({ line: 11, column: 3 });
    expect(document.locate('metadata.annotations.b')).toEqual({ line: 8, column: 5 });
  });

  it('takes the last of duplicate keys and says so', () => {
    const document = only(`${HEAD}data:\n  a: one\n  b: x\n  a: two\n`);
    expect(document.object?.['data']).toEqual({ a: 'two', b: 'x' });
    expect(document.warnings).toEqual([
      { code: 'duplicate_key', message: 'key "a" stands here twice; the last one counts', line: 6, column: 3 },
    ]);
    expect(document.locate('data.a')).toEqual({ line: 6, column: 3 });
  });

  it('merges keys in the order they are written, as Kubernetes does', () => {
    const base = `${HEAD}b: &b {x: 1, u: 1}\nc: &c {u: 2, z: 2}\n`;
    expect(only(`${base}d: {<<: *b, x: 0}\n`).object?.['d']).toEqual({ x: 0, u: 1 });
    expect(only(`${base}d: {<<: [*b, *c]}\n`).object?.['d']).toEqual({ x: 1, u: 1, z: 2 });
    const overridden = only(`${base}d:\n  x: 0\n  <<: *b\n`);
    expect(overridden.object?.['d']).toEqual({ x: 1, u: 1 });
    expect(overridden.warnings).toMatchObject([{ code: 'merge_overrides', line: 7, column: 3 }]);
    expect(only(`${base}d: {"<<": *b}\n`).object?.['d']).toEqual({ '<<': { x: 1, u: 1 } });
    expect(only(`${base}d: {<<: 1}\n`).error).toMatchObject({ code: 'bad_merge', line: 5 });
  });

  it('turns keys into text as Kubernetes does, and refuses what is no key', () => {
    expect(only(`${HEAD}data: {on: a, 1: b, 1.5: c, ~x: d}\n`).object?.['data']).toEqual({
      true: 'a',
      1: 'b',
      '1.5': 'c',
      '~x': 'd',
    });
    expect(only(`${HEAD}data:\n  ? [a]\n  : b\n`).error).toMatchObject({ code: 'bad_key', line: 4 });
    expect(only(`${HEAD}data: {null: b}\n`).error).toMatchObject({ code: 'bad_key', line: 3, column: 8 });
  });

  it('keeps __proto__ a key like any other', () => {
    const { object } = only(`${HEAD}data: {__proto__: {polluted: yes}, constructor: x}\n`);
    const data = object?.['data'];
    expect(Object.keys(data as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('rounds numbers beyond 2^53 and says so', () => {
    const document = only(`${HEAD}a: 9007199254740993\nb: 9007199254740991\nc: "9007199254740993"\n`);
    expect(document.object).toMatchObject({ a: 9007199254740992, b: 9007199254740991, c: '9007199254740993' });
    expect(document.warnings).toMatchObject([{ code: 'number_precision', line: 3, column: 4 }]);
  });

  it('reads a stream of JSON objects, with tabs and without any mark between them', () => {
    const documents = read(
      '{\n\t"apiVersion": "v1",\n\t"kind": "A", "x": "\\ud83d\\ude00\\/"\n}{"apiVersion":"v1","kind":"B"}\n{"apiVersion":',
    );
    expect(documents.map(({ status, line, column }) => [status, line, column])).toEqual([
      ['ok', 1, 1],
      ['ok', 4, 2],
      ['invalid', 5, 1],
    ]);
    expect(documents[0]?.object?.['x']).toBe('😀/');
  });

  it.each([
    ['a text', 'hello', 'not_an_object', 'got string "hello"; an object has apiVersion and kind'],
    ['a list', '- a\n', 'not_an_object', 'got a list; put the objects under items of a kind: List'],
    ['no apiVersion', 'kind: Pod\n', 'not_kubernetes', 'apiVersion is missing, for example "v1" or "apps/v1"'],
    ['a null kind', 'apiVersion: v1\nkind:\n', 'not_kubernetes', 'kind is missing, for example "Pod" or "Deployment"'],
    [
      'a number as apiVersion',
      'apiVersion: 1\nkind: Pod\n',
      'not_kubernetes',
      'apiVersion must be a string like "v1" or "apps/v1", got number 1',
    ],
  ])('says of %s what would be right', (_what, text, code, message) => {
    const { error } = only(text);
    expect(error).toMatchObject({ code, line: 1 });
    expect(error?.message).toContain(`not a Kubernetes object: ${message}`);
  });

  it.each([
    ['a value', `${HEAD}metadata:\n  name: {{ .Values.name }}\n`, 4, 9],
    ['a line', `{{- if .Values.on }}\n${HEAD}{{- end }}\n`, 1, 1],
    ['a list item', `${HEAD}spec:\n  - {{ toYaml . }}\n`, 4, 5],
  ])('knows a template that nobody rendered by %s', (_what, text, line, column) => {
    expect(only(text).error).toMatchObject({ code: 'template_markers', line, column });
    expect(only(text).error?.message).toContain('render it first');
  });

  it('takes {{ }} within a quoted text for what it is', () => {
    expect(only(`${HEAD}data:\n  rule: "{{ $labels.pod }}"\n  text: |\n    {{ x }}\n`).status).toBe('ok');
  });

  it('refuses bytes that are no UTF-8 in the document that has them', () => {
    const windows1252 = Buffer.concat([
      Buffer.from(`${HEAD}data: {a: "caf`),
      Buffer.from([0xe9]),
      Buffer.from(`"}\n---\n${HEAD}`),
    ]);
    const documents = read(windows1252);
    expect(documents.map(({ status }) => status)).toEqual(['invalid', 'ok']);
    expect(documents[0]?.error).toMatchObject({ code: 'not_utf8', line: 3, column: 15 });
  });

  it('refuses control characters with their place', () => {
    expect(only(`${HEAD}data: {a: "\u0007"}\n`).error).toMatchObject({
      code: 'control_character',
      line: 3,
      column: 12,
    });
    expect(only(`${HEAD}data: {a: "\\a"}\n`).status).toBe('ok');
  });

  it('drops a tag that Kubernetes does not know and honours its own', () => {
    const document = only(`${HEAD}a: !thing x\nb: !!str 1\nc: !!int "3"\nd: !!binary aGk=\ne: ! 7\nf: !!float 2\n`);
    expect(document.object).toMatchObject({ a: 'x', b: '1', c: 3, d: 'hi', e: '7', f: 2 });
    expect(document.warnings).toMatchObject([{ code: 'unknown_tag', line: 3 }]);
    expect(only(`${HEAD}a: !!int x\n`).error).toMatchObject({ code: 'bad_scalar', line: 3 });
    expect(only(`${HEAD}a: .inf\n`).error).toMatchObject({ code: 'bad_scalar', line: 3 });
  });

  it('reads a thousand documents', () => {
    const documents = read(`${HEAD}metadata: {name: a}\n---\n`.repeat(1000));
    expect(documents.filter(({ status }) => status === 'ok')).toHaveLength(1000);
    expect(documents[999]).toMatchObject({ index: 999, line: 999 * 4 + 1 });
  });
});

describe('locating a path', () => {
  const document = only(
    [
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata:',
      '  labels: {"app.kubernetes.io/name": web}',
      'spec:',
      '  template:',
      '    spec: &pod',
      '      containers:',
      '      - name: a',
      '      -   name: b',
      '          image: x',
      'other: *pod',
    ].join('\n'),
  );

  it.each([
    ['spec.template.spec.containers[1].image', 11, 11],
    ['spec.template.spec.containers[1]', 10, 11],
    ['metadata.labels["app.kubernetes.io/name"]', 4, 12],
    ['spec.template.spec', 7, 5],
    ['other', 12, 1],
    ['other.containers[0].name', 9, 9],
    ['', 1, 1],
  ])('finds %s', (path, line, column) => {
    expect(document.locate(path)).toEqual({ line, column });
  });

  it.each([
    ['spec.template.spec.containers[1].securityContext.privileged', 10, 11],
    ['spec.template.spec.containers[7]', 8, 7],
    ['metadata.annotations.x', 3, 1],
    ['spec["broken', 5, 1],
    ['nothing', 1, 1],
  ])('answers the nearest place around %s, which is not there', (path, line, column) => {
    expect(document.locate(path)).toEqual({ line, column });
  });

  it('answers where the document begins when positions were not asked for', () => {
    const [plain] = read(`---\n${HEAD}data: {a: b}\n`, { positions: false });
    expect(plain?.positions).toBeUndefined();
    expect(plain?.locate('data.a')).toEqual({ line: 2, column: 1 });
  });
});
