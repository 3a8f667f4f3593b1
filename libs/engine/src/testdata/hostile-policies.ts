import { FINDING } from './sample-policies.js';

const MEMORY = /^out of memory: the policy needed more than 64 MiB$/;
const DEADLINE = /^timed out after 500 ms$/;
const BULK = /^a function such as sprintf or concat handles \d+ characters or items: at most 4194304/;
const EITHER = /^timed out after 500 ms$|^out of memory: /;
const EITHER_OR_BULK = /^timed out after 500 ms$|^out of memory: |characters or items: at most 4194304/;
const DEEP = /^recursion is too deep$/;

/** A hundred thousand brackets within each other. */
const BRACKETS = `concat("", [${repeated('['.repeat(1000), 100)}, ${repeated(']'.repeat(1000), 100)}])`;

/** Each says what it does, its rules, and the reason that its owner then reads; a verdict where
 * it only looks hostile. */
export const HOSTILE: [what: string, body: string, reads: RegExp | 'pass' | 'fail'][] = [
  ['counts to a thousand million', when('count([i | some i in numbers.range(1, 1000000000)]) == 0'), MEMORY],
  [
    'tries all of 16^10 combinations',
    `n := numbers.range(1, 16)\n\n${when('count([1 | ' + 'abcdefghij'.split('').map((v) => `some ${v} in n`).join('; ') + '; a + b + c + d + e + f + g + h + i + j < 0]) == 1')}`,
    EITHER,
  ],
  ['tries all of 3000^3', when('n := numbers.range(1, 3000)\n\tsome a in n\n\tsome b in n\n\tsome c in n\n\ta > b\n\tb > c\n\tc > a'), DEADLINE],
  ['replaces nothing', when('replace(input.review.object.text, "", "-") == ""'), 'pass'],
  ['keeps all that it can', when('count({[a, b] | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000)}) == 0'), MEMORY],
  [
    'finds fifteen thousand things',
    'violation contains {"path": $"a[{i}]", "found": i, "expected": 0, "message": "this is what is told of each of the things that were found, which is rather a lot"} if some i in numbers.range(1, 15000)',
    /^the answer has \d+ bytes: at most 1048576 \(1 MiB\)/,
  ],
  [
    'finds two thousand small things',
    'violation contains {"path": $"a[{i}]", "found": i, "expected": 0, "message": "m"} if some i in numbers.range(1, 2000)',
    /^the policy found 2000: at most 1000 are kept of one object$/,
  ],
  [
    'finds a text of two megabytes',
    `violation contains {"path": "a", "found": ${repeated('y'.repeat(1000), 2000)}, "expected": 0, "message": "m"}`,
    /^the answer has \d+ bytes/,
  ],
  ['walks down a deep input', when('count([1 | walk(input.review.object.deep, [p, v]); p == v]) == 1'), 'pass'],
  [
    'walks down what it made deep',
    when(`made := ${BRACKETS}\n\tcount([1 | walk(json.unmarshal(made), [p, v]); p == v]) == 1`),
    DEEP,
  ],
  ['reads ten thousand brackets', when(`json.unmarshal(concat("", ["[" | some _ in numbers.range(1, 10000)])) == 1`), 'pass'],
  [
    'reads a bomb of brackets',
    when(`json.unmarshal(${BRACKETS}) == 1`),
    DEEP,
  ],
  ['matches (a+)+$', when(`regex.match("^(a+)+$", ${repeated('a', 30_000)})`), 'fail'],
  ['matches (a|a)*b', when(`regex.match("^(a|a)*b$", ${repeated('a', 30_000)})`), 'pass'],
  ['matches what doubles', when(`regex.match("(((a{100}){100}){100}){100}", ${repeated('a', 1000)})`), 'pass'],
  ['splits at what doubles', when(`regex.split("(((a{100}){100}){100}){100}", ${repeated('a', 1000)}) == []`), 'pass'],
  ['splits at (a|a)*b', when(`count(regex.split("(a|a)*b", ${repeated('a', 30_000)})) == 0`), 'pass'],
  ['replaces each letter by much', when(`regex.replace(${repeated('a', 30_000)}, "a", ${repeated('b', 1000)}) == "x"`), BULK],
  ['replaces each letter in many steps', when(`regex.replace(${repeated('a', 30_000)}, "a", ${repeated('$0', 1000)}) == "x"`), /^timed out|characters/],
  ['formats by a million', when('sprintf("%1000000d%1000000d%1000000d%1000000d%1000000d", [1, 2, 3, 4, 5]) == ""'), BULK],
  ['joins by a megabyte', when(`concat(${repeated('x'.repeat(1000), 1000)}, [y | some _ in numbers.range(1, 1000); y := "y"]) == ""`), BULK],
  ['ranges in the host', when('count(numbers.range_step(1, 1000000000, 2)) == 0'), BULK],
  ['raises to a power', when('format_int(json.unmarshal("1e100000000"), 10) == ""'), BULK],
  ['shifts far', when('bits.lsh(1, 100000000) == 0'), BULK],
  ['multiplies all that there is', when('product(numbers.range(1, 300000)) == 0'), EITHER_OR_BULK],
  ['squares and squares', `${squares(40)}\n\n${when('x40 == 0')}`, EITHER_OR_BULK],
  ['adds what lies far apart', when('json.unmarshal("1e4000000") + json.unmarshal("1.5e-4000000") == 0'), EITHER_OR_BULK],
  ['matches a glob of stars', when(`glob.match(${repeated('*a', 200)}, [], ${repeated('a', 10_000)})`), 'fail'],
  [
    'copies into itself',
    when(`ops := [{"op": "copy", "from": "", "path": $"/k{i}"} | some i in numbers.range(1, 40)]\n\tcount(json.patch({"a": 1}, ops)) == 0`),
    /^(timed out after 500 ms|out of memory: the host's functions needed more than 256 MiB for the policy)$/,
  ],
  [
    'goes all ways through a graph',
    when(
      'g := {x: [y | some y in numbers.range(1, 30)] | some x in numbers.range(1, 30)}\n\tcount(graph.reachable_paths(g, [1])) == 0',
    ),
    /^timed out after 500 ms$|characters/,
  ],
  [
    'means two things at once',
    `x := 1 if input.review.object.text\n\nx := 2 if input.review.object.text\n\n${when('x == 1')}`,
    /^eval_conflict_error: a complete rule or a function has more than one value \(policy\.rego:/,
  ],
  [
    'answers two values for one argument',
    `f(a) := 1 if input.review.object[a]\n\nf(a) := 2 if input.review.object[a]\n\n${when('f("text") == 1')}`,
    /^eval_conflict_error: a complete rule or a function has more than one value \(policy\.rego:/,
  ],
  [
    'gives one key two values',
    when('count({k: v | some v in [1, 2]; k := input.review.object.text}) == 1'),
    /^eval_conflict_error: an object has more than one value for one key \(policy\.rego:/,
  ],
  ['finds something malformed', 'violation contains {"path": 1, "message": "m"} if true', /^malformed finding: path is missing/],
  [
    'finds something deep',
    `violation contains {"path": "a", "found": json.unmarshal(text), "expected": 0, "message": "m"} if {\n\ttext := concat("", [${repeated('[', 300)}, ${repeated(']', 300)}])\n}`,
    /^malformed finding: it nests more than 128 deep$/,
  ],
];

/** Rules, each of which is the one before times itself. */
function squares(count: number): string {
  const rules = Array.from({ length: count }, (_, index) => `x${index + 1} := x${index} * x${index}`);
  return ['x0 := 12345678901234567890', ...rules].join('\n\n');
}

function when(body: string): string {
  return `violation contains ${FINDING} if {\n\t${body}\n}`;
}

/** A text made by the policy: its source has a limit. */
function repeated(part: string, times: number): string {
  return `concat("", [part | some _ in numbers.range(1, ${times}); part := "${part}"])`;
}

