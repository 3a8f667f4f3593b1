import { describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '#contracts';
import { endingOf, type EndingResult } from './exit.rules.js';
import { emptyResult, envelopeOf, mergedResult, partsOf } from './parts.rules.js';
import { pipelineContext } from './pipeline-context.js';
import { Strangers } from './strangers.rules.js';

const object = { api_version: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' };
const aResult = (part: Partial<ValidationResult> = {}): ValidationResult => {
  const empty = emptyResult([], 'high');
  return { ...empty, summary: { ...empty.summary, objects: 1 }, ...part };
};

describe('how check ends', () => {
  const nothing = { invalid: false, empty: false };
  const invalid = { index: 0, path: 'a', status: 'invalid' } as const;
  const error = { policy: 'p', instance: '', verdict: 'error', reason: '', object } as const;
  it.each<[string, Partial<EndingResult>, Parameters<typeof endingOf>[1], number]>([
    ['nothing is wrong', {}, nothing, 0],
    ['it only warns', { decision: 'warn' }, nothing, 0],
    ['it denies', { decision: 'deny' }, nothing, 1],
    ['it denies, and something can’t be read', { decision: 'deny', documents: [invalid] }, nothing, 1],
    ['something can’t be read', { documents: [invalid] }, nothing, 2],
    ['something can’t be read, which is allowed for', { documents: [invalid] }, { ...nothing, invalid: true }, 0],
    ['there is nothing', { summary: emptyResult([], 'low').summary }, nothing, 2],
    [
      'there is nothing, which is allowed for',
      { summary: emptyResult([], 'low').summary },
      { ...nothing, empty: true },
      0,
    ],
    ['a check that would deny could not run', { unresolved: [{ ...error, enforcement: 'deny' }] }, nothing, 2],
    ['a check that would warn could not run', { unresolved: [{ ...error, enforcement: 'warn' }] }, nothing, 0],
    ['a check was skipped', { unresolved: [{ ...error, verdict: 'skipped', enforcement: 'deny' }] }, nothing, 0],
  ])('%s', (_what, part, allowed, exitCode) => {
    expect(endingOf(aResult(part), allowed).exitCode).toBe(exitCode);
  });
});

describe('parts of what is posted', () => {
  it('hold as much as one validation takes, and a file that is more stands alone', () => {
    const files = [3, 3, 9, 1, 1].map((length, index) => ({ path: String(index), content: 'x'.repeat(length) }));
    const paths = (most: { files: number; characters: number }): string[] =>
      partsOf(files, most).map((part) => part.map(({ path }) => path).join(''));
    expect(paths({ files: 9, characters: 6 })).toEqual(['01', '2', '34']);
    expect(paths({ files: 2, characters: 99 })).toEqual(['01', '23', '4']);
    expect(partsOf([])).toEqual([]);
  });

  it('are posted as files, and what came by standard input as the stream that it was', () => {
    const section = (content: string) => ({ path: null, content });
    expect(envelopeOf([{ path: 'a', content: 'x' }, section('---\n# Source: b\n'), section('---\n')])).toEqual({
      files: [{ path: 'a', content: 'x' }],
      manifest: '---\n# Source: b\n---\n',
    });
    expect(envelopeOf([{ path: 'a', content: 'x' }])).toEqual({ files: [{ path: 'a', content: 'x' }] });
  });

  it('make one result: counts add up, the strictest decides, the same reason is told once', () => {
    const reason = { binding: 'b', reason: 'needs cluster' };
    const merged = mergedResult([
      aResult({ decision: 'warn', not_considered: [reason] }),
      aResult({ decision: 'deny', not_considered: [reason, { ...reason, binding: 'c' }] }),
      aResult(),
    ]);
    expect([merged.decision, merged.summary.objects, merged.not_considered.length]).toEqual(['deny', 3, 2]);
  });
});

describe('what is none of ours', () => {
  it.each([
    ['values of a chart', 'image: x\nkindness: 1\n', true],
    ['an object without apiVersion', 'kind: Pod\nmetadata: { name: a }\n', false],
    ['a kind further in', 'rules:\n  - kind: Pod\n', true],
    ['JSON of another sort', '{"name": "x"}', true],
    ['JSON without kind', '{"apiVersion": "v1"}', false],
    ['the document after it is an object', 'a: 1\n---\nkind: Pod\n', true],
  ])('%s', (_what, text, expected) => {
    const strangers = new Strangers([{ path: 'a.yaml', content: text, firstLine: 1 }]);
    expect(strangers.has('not_kubernetes', 'a.yaml', 1)).toBe(expected);
    expect(strangers.has('yaml_syntax', 'a.yaml', 1)).toBe(false);
  });
});

describe('where a pipeline says it is', () => {
  it.each<[string, Record<string, string>, object]>([
    [
      'GitLab, of a merge request',
      {
        GITLAB_CI: 'true',
        CI_PROJECT_URL: 'https://git.example.com/acme/shop',
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature',
        CI_COMMIT_REF_NAME: 'refs/merge-requests/1/head',
        CI_COMMIT_SHA: 'abc',
        GITLAB_USER_LOGIN: '',
      },
      { repository: 'git.example.com/acme/shop', ref: 'feature', commit: 'abc' },
    ],
    [
      'Azure',
      {
        TF_BUILD: 'True',
        BUILD_REPOSITORY_URI: 'https://token@git.example.com/acme/_git/shop',
        BUILD_SOURCEBRANCH: 'refs/heads/main',
        SYSTEM_COLLECTIONURI: 'https://ci.example.com/',
        SYSTEM_TEAMPROJECT: 'acme',
        BUILD_BUILDID: '7',
      },
      {
        repository: 'git.example.com/acme/_git/shop',
        ref: 'main',
        url: 'https://ci.example.com/acme/_build/results?buildId=7',
      },
    ],
    [
      'Jenkins, of a pull request',
      { JENKINS_URL: 'x', GIT_URL: 'git@git.example.com:acme/shop.git', CHANGE_BRANCH: 'feature', BRANCH_NAME: 'PR-1' },
      { repository: 'git.example.com/acme/shop', ref: 'feature' },
    ],
    [
      'CircleCI',
      { CIRCLECI: 'true', CIRCLE_REPOSITORY_URL: 'https://git.example.com/a/b', CIRCLE_BRANCH: 'x'.repeat(600) },
      { repository: 'git.example.com/a/b', ref: 'x'.repeat(500) },
    ],
  ])('%s', (_what, environment, expected) => {
    expect(pipelineContext(environment, '/')).toEqual(expected);
  });
});
