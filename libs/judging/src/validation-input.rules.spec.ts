import { describe, expect, it } from '@jest/globals';
import { AppError } from '#kernel';
import { documentsOf, readJsonBody, readYamlBody } from './validation-input.rules.js';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
const list = { apiVersion: 'v1', kind: 'List', items: [pod, pod] };

function refusal(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a JSON body', () => {
  it.each<[string, unknown, unknown[]]>([
    ['one object', pod, [pod]],
    ['an array of objects', [pod, pod], [pod, pod]],
    ['a List', list, [list]],
    ['an object without a kind', { apiVersion: 'v1' }, [{ apiVersion: 'v1' }]],
    ['an envelope', { specs: [pod], namespace: 'shop' }, [pod]],
    ['an envelope with a List', { specs: [list] }, [list]],
  ])('may be %s', (_what, body, objects) => {
    expect(readJsonBody(body)).toMatchObject({ texts: [], objects });
  });

  it('may hold texts, with their paths, beside objects', () => {
    const body = { files: [{ path: 'a.yaml', content: 'x' }], manifest: 'y', specs: [pod] };
    expect(readJsonBody(body)).toEqual({
      texts: [
        { path: 'a.yaml', content: 'x' },
        { path: null, content: 'y' },
      ],
      objects: [pod],
      about: {},
    });
  });

  it('says around the objects what is to be known of them', () => {
    const about = { namespace: 'shop', environment: 'prod', fail_on: 'low' };
    expect(readJsonBody({ specs: [pod], ...about }).about).toEqual(about);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'apiVersion: v1'],
    ['a number', 7],
    ['an empty array', []],
    ['an empty envelope', {}],
    ['an envelope with an empty list', { specs: [] }],
    ['an envelope with no files', { files: [] }],
  ])('with %s is refused with all that would be right', (_what, body) => {
    const { code, message } = refusal(() => readJsonBody(body));
    expect([code, message]).toEqual(['no_specs', expect.stringContaining('{"manifest": "yaml"}')]);
  });

  it.each<[string, unknown, string]>([
    ['an unknown member', { specs: [pod], clusters: 'a' }, ''],
    ['specs that are no list', { specs: pod }, '/specs'],
    ['a file without a path', { files: [{ content: 'x' }] }, '/files/0/path'],
    ['an unknown severity', { specs: [pod], fail_on: 'worst' }, '/fail_on'],
  ])('with %s is refused with the place', (_what, body, pointer) => {
    const { code, options } = refusal(() => readJsonBody(body));
    expect([code, options.errors?.map((error) => error.pointer)]).toEqual(['invalid_body', [pointer]]);
  });
});

describe('a YAML body', () => {
  it('is one text without a name', () => {
    expect(readYamlBody('kind: Pod')).toEqual({
      texts: [{ path: null, content: 'kind: Pod' }],
      objects: [],
      about: {},
    });
  });

  it.each(['', '  \n\t\n'])('that is empty is refused', (text) => {
    expect(refusal(() => readYamlBody(text)).code).toBe('no_specs');
  });
});

describe('an object that came as JSON', () => {
  const statuses = (value: unknown) =>
    documentsOf(value, 3).map(({ index, status, error }) => [index, status, error?.code]);

  it('is a document like those of a text', () => {
    expect(documentsOf(pod, 3)).toMatchObject([{ index: 3, status: 'ok', object: pod }]);
  });

  it('is unfolded where it is a List', () => {
    expect(documentsOf(list, 0).map(({ object }) => object)).toEqual([pod, pod]);
  });

  it.each<[string, unknown, string]>([
    ['no object', 'Pod', 'not_an_object'],
    ['null', null, 'not_an_object'],
    ['an array', [pod], 'not_an_object'],
    ['without a kind', { apiVersion: 'v1', metadata: { name: 'a' } }, 'not_kubernetes'],
    ['nested too deep', nested(500), 'limit_depth'],
  ])('that is %s is an invalid document, and no more', (_what, value, code) => {
    expect(statuses(value)).toEqual([[3, 'invalid', code]]);
  });
});

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < depth; level++) value = { inside: value };
  return { ...pod, spec: value };
}
