import { describe, it, expect } from '@jest/globals';
import { expandLists } from './manifest-list.js';
import { readManifests } from './manifest-reader.js';

const expand = (text: string) => readManifests(text, { path: 'list.yaml' }).documents.flatMap(expandLists);

describe('lists', () => {
  it('unfolds a List within a List, each item with its place', () => {
    const items = expand(
      [
        'apiVersion: v1',
        'kind: List',
        'items:',
        '- apiVersion: v1',
        '  kind: Pod',
        '  metadata: {name: a}',
        '- apiVersion: v1',
        '  kind: List',
        '  items:',
        '  - apiVersion: v1',
        '    kind: Pod',
        '    metadata:',
        '      name: b',
      ].join('\n'),
    );
    expect(items.map(({ itemPath, line, column, status }) => [itemPath, line, column, status])).toEqual([
      ['items[0]', 4, 3, 'ok'],
      ['items[1].items[0]', 10, 5, 'ok'],
    ]);
    expect(items[1]?.locate('metadata.name')).toEqual({ line: 13, column: 7 });
    expect(items[1]?.locate('spec.x')).toEqual({ line: 10, column: 5 });
    expect(items[0]?.locate('metadata.labels')).toEqual({ line: 6, column: 3 });
  });

  it('gives the items of a typed list the type they need not repeat', () => {
    const [role] = expand(
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: {name: r}\n  rules: []\n',
    );
    expect(role?.object).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'r' },
      rules: [],
    });
    expect(role?.locate('rules')).toEqual({ line: 5, column: 3 });
    expect(role?.locate('kind')).toEqual({ line: 4, column: 3 });
  });

  it('leaves a named object alone whose kind merely ends in List', () => {
    const text = 'apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [x]\n';
    expect(expand(text)).toMatchObject([{ status: 'ok', object: { kind: 'AllowList' } }]);
  });

  it('reports one wrong item and keeps the others', () => {
    const items = expand('apiVersion: v1\nkind: List\nitems:\n- 3\n- {kind: Pod}\n- {apiVersion: v1, kind: Pod}\n');
    expect(items.map(({ status, itemPath }) => [status, itemPath])).toEqual([
      ['invalid', 'items[0]'],
      ['invalid', 'items[1]'],
      ['ok', 'items[2]'],
    ]);
    expect(items[0]?.error).toMatchObject({ code: 'not_an_object', line: 4, column: 3 });
    expect(items[1]?.error?.message).toContain('items[1] is not a Kubernetes object: apiVersion is missing');
  });

  it('answers nothing for an empty list, and an error for items that are none', () => {
    expect(expand('apiVersion: v1\nkind: List\n')).toEqual([]);
    expect(expand('apiVersion: v1\nkind: List\nitems:\n')).toEqual([]);
    expect(expand('apiVersion: v1\nkind: List\nitems: {}\n')).toMatchObject([{ error: { code: 'bad_list', line: 3 } }]);
  });

  it('refuses Lists within more than ten Lists', () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? { apiVersion: 'v1', kind: 'Pod' } : { apiVersion: 'v1', kind: 'List', items: [nested(depth - 1)] };
    expect(expand(JSON.stringify(nested(10)))).toMatchObject([{ status: 'ok' }]);
    expect(expand(JSON.stringify(nested(11)))).toMatchObject([{ status: 'invalid', error: { code: 'bad_list' } }]);
  });

  it('does not lose the warnings of the document', () => {
    const items = expand(
      'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, kind: Pod}, {apiVersion: v1, kind: Pod}]\n',
    );
    expect(items.map(({ warnings }) => warnings.length)).toEqual([1, 0]);
  });
});
