import { describe, expect, it } from '@jest/globals';
import { ignoresIn, parseIgnore } from './ignore-comments.rules.js';

const TEXT = `# bylaw:ignore host-network -- all of it
apiVersion: apps/v1
kind: Deployment
spec:
  replicas: 1 # bylaw:ignore replicas-minimum -- one is enough
  template:
    spec:
      # bylaw:ignore no-latest-tag, image-by-digest -- built here

      # said of the list
      containers:
      - name: app
        image: nginx
      - name: sidecar
        image: busybox # not a word
      initContainers:
        # bylaw:ignore no-latest-tag -- this one
        - name: init
          image: busybox
        - name: other
          image: busybox
---
kind: Pod
# bylaw:ignore x -- below
`;

const at = (line: number) => ignoresIn(TEXT).find((one) => one.line === line);

describe('a comment that has policies ignored', () => {
  it('is about the whole document before anything else in it', () => {
    expect(at(1)).toEqual({ line: 1, column: 1, from: 1, to: 21, policies: ['host-network'], reason: 'all of it' });
  });

  it('is about its value where it stands behind one', () => {
    expect(at(5)).toMatchObject({ column: 15, from: 5, to: 5, policies: ['replicas-minimum'] });
  });

  it('is about what follows it, a list that is not indented included', () => {
    expect(at(8)).toMatchObject({ from: 11, to: 15, policies: ['no-latest-tag', 'image-by-digest'] });
  });

  it('is about one element of a list', () => {
    expect(at(17)).toMatchObject({ from: 18, to: 19 });
  });

  it('at the end of a document is about nothing of the next', () => {
    expect(at(24)?.to).toBeLessThanOrEqual(TEXT.length);
    expect(ignoresIn('kind: Pod\n# bylaw:ignore x -- y\n---\nkind: Pod')).toMatchObject([{ from: 3, to: 3 }]);
  });

  it('is nothing else that looks like one', () => {
    expect([at(2), at(10), at(15)]).toEqual([undefined, undefined, undefined]);
    expect(ignoresIn('a: b#bylaw:ignore x -- y\n# bylaw:ignored x -- y')).toEqual([]);
  });

  it.each<[string, string[], string]>([
    ['no-latest-tag -- why', ['no-latest-tag'], 'why'],
    ['a b,c ,d -- one -- two', ['a', 'b', 'c', 'd'], 'one -- two'],
    ['a', ['a'], ''],
    ['-- why', [], 'why'],
    ['a --', ['a'], ''],
    ['a--b -- c', ['a--b'], 'c'],
    ['', [], ''],
  ])('says which and why: %p', (text, policies, reason) => {
    expect(parseIgnore(text)).toEqual({ policies, reason });
  });

  it.each<[string, (n: number) => string]>([
    ['nothing but comments', () => '# bylaw:ignore a -- b'],
    ['a comment for every key', (n) => (n % 2 === 0 ? '# bylaw:ignore a -- b' : `k${n}: v`)],
    ['comments within one list', (n) => (n === 0 ? 'a:' : '  - b # bylaw:ignore a -- b')],
  ])('costs no more than reading the text, of %s', (_what, line) => {
    const many = Array.from({ length: 200_000 }, (_, n) => line(n));
    expect(ignoresIn(many.join('\n')).length).toBeGreaterThanOrEqual(100_000 - 1);
  });
});
