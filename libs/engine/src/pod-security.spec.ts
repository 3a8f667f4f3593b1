import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson, type JsonObject } from '#kernel';
import { normalise } from '#kube';
import { ModuleEvaluator } from './module-evaluator.js';
import { mergeParameters } from './parameters.js';
import { reviewOf } from './review.js';
import { loadStockLibrary, type StockManifest } from './stock-module.js';
import {
  ORACLE_FOLDER,
  podOf,
  podSecurityText,
  type PodFragment,
  type PodSecurityAnswers,
} from './testdata/pod-security.js';

/** A member of a set with all of its parameters: one question to the engine. */
interface Question {
  policy: string;
  parameters: JsonObject;
  key: string;
}

const answers = JSON.parse(podSecurityText()) as PodSecurityAnswers;

describe('the Pod Security sets and upstream’s own evaluator', () => {
  let manifest: StockManifest;
  let evaluator: ModuleEvaluator;
  beforeAll(async () => {
    const library = await loadStockLibrary();
    manifest = library.manifest;
    evaluator = new ModuleEvaluator(new WebAssembly.Module(library.wasm));
  });

  /** What a set asks at a version; only members that take a version depend on it. */
  function questionsOf(level: string, version: string): Question[] {
    const set = manifest.sets.find(({ slug }) => slug === `pod-security-${level}`);
    return (set?.policies ?? []).map(({ policy, parameters: given }) => {
      const schema = manifest.policies.find(({ slug }) => slug === policy)?.metadata.parameters ?? {};
      const defaults = mergeParameters(schema, given);
      const parameters = Object.hasOwn(defaults, 'version') ? { ...defaults, version } : defaults;
      return { policy, parameters, key: canonicalJson([policy, parameters]) };
    });
  }

  /** @returns which of the policies an object fails */
  function failed(object: JsonObject, questions: readonly Question[], context: JsonObject = {}): string[] {
    const params = Object.fromEntries(questions.map(({ policy, parameters }) => [policy, parameters]));
    const verdicts = evaluator.evaluate({ review: reviewOf(object), params, context });
    return verdicts.flatMap(({ policy, verdict, reason }) => {
      if (!['pass', 'fail', 'not_applicable'].includes(verdict)) throw new Error(`${policy}: ${verdict} (${reason})`);
      return verdict === 'fail' ? [policy] : [];
    });
  }

  /**
   * What the sets make of a pod, level by level, one character a version. No question is asked twice, and none once the
   * answer of a set is known: who fails one of its policies fails the set.
   */
  function judgeEverywhere(object: JsonObject, plan: readonly Question[][][][]): string[] {
    const known = new Map<string, boolean>();
    const ask = (questions: readonly Question[]): boolean => {
      const open = questions.filter(({ key }) => !known.has(key));
      const wrong = open.length === 0 ? [] : failed(object, open);
      for (const { policy, key } of open) known.set(key, !wrong.includes(policy));
      return questions.every(({ key }) => known.get(key) === true);
    };
    return plan.map((versions) => versions.map((stages) => (stages.every(ask) ? '1' : '0')).join(''));
  }

  /** First what is the same in every version. */
  function stagesOf(questions: readonly Question[]): Question[][] {
    return [false, true].map((versioned) =>
      questions.filter(({ parameters }) => Object.hasOwn(parameters, 'version') === versioned),
    );
  }

  function normalised(pod: JsonObject): JsonObject {
    const result = normalise(pod);
    if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems)} in ${JSON.stringify(pod)}`);
    return result.object;
  }

  it('say the same of every generated pod, at both levels and in every version', () => {
    const plan = answers.levels.map((level) =>
      answers.versions.map((version) => stagesOf(questionsOf(level, version))),
    );
    const differences: unknown[] = [];
    for (const coded of answers.pods) {
      const pod = podOf(answers, coded);
      const expected = answers.verdicts[coded[1] ?? 0];
      const found = judgeEverywhere(normalised(pod), plan);
      if (canonicalJson(found) !== canonicalJson(expected ?? [])) differences.push({ pod, expected, found });
    }
    expect(answers.pods.length).toBeGreaterThanOrEqual(20_000);
    expect(differences.slice(0, 5)).toEqual([]);
  }, 300_000);

  it('take the version from the cluster, and the newest where there is none', () => {
    const differences: unknown[] = [];
    for (const coded of answers.pods.filter((_, index) => index % 40 === 0)) {
      const pod = podOf(answers, coded);
      const object = normalised(pod);
      for (const [row, level] of answers.levels.entries()) {
        const questions = questionsOf(level, '');
        const verdicts = answers.verdicts[coded[1] ?? 0]?.[row] ?? '';
        const found = answers.versions.map((version) =>
          failed(object, questions, { kubernetes_version: `v${version}.3-gke.100` }).length === 0 ? '1' : '0',
        );
        const newest = failed(object, questions).length === 0 ? '1' : '0';
        if (found.join('') !== verdicts || newest !== verdicts.at(-1))
          differences.push({ pod, level, verdicts, found });
      }
    }
    expect(differences.slice(0, 5)).toEqual([]);
  }, 120_000);

  it('are held to pods that turn on every control, in every list of containers and at every version that changed one', () => {
    const turning = new Set<string>();
    for (const [base, verdict, fragment = -1, slot = -1, more] of answers.pods) {
      const control: PodFragment | undefined = answers.fragments[fragment];
      if (base === undefined || verdict === undefined || control === undefined || more !== undefined) continue;
      const bare = answers.pods.find((pod) => pod[0] === base && pod.length === 2)?.[1] ?? -1;
      if (canonicalJson(answers.verdicts[bare] ?? []) === canonicalJson(answers.verdicts[verdict] ?? [])) continue;
      turning.add(`${control.control} ${slot}`);
    }
    const controls = new Set(answers.fragments.map(({ control, container }) => `${control} ${container === true}`));
    const dead = [...controls].flatMap((text) => {
      const [control = '', inContainer] = text.split(' ');
      const places = inContainer === 'true' ? answers.slots.map((_, slot) => slot) : [-1];
      return places.map((place) => `${control} ${place}`).filter((place) => !turning.has(place));
    });
    expect(dead).toEqual([]);
    const changes = new Set(
      answers.verdicts.flatMap((rows) =>
        rows.flatMap((row) => answers.versions.filter((_, at) => at > 0 && row[at] !== row[at - 1])),
      ),
    );
    expect([...changes].sort()).toEqual(['1.27', '1.29', '1.31', '1.32', '1.34', '1.35', '1.37']);
  });

  const hasGo = goIsThere();
  (hasGo ? it : it.skip)(
    'are held to what upstream says today, not to what it said once',
    () => {
      const made = spawnSync('go', ['run', '.'], {
        cwd: ORACLE_FOLDER,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, GOFLAGS: '' },
      });
      expect(made.status === 0 ? '' : made.stderr).toBe('');
      expect(made.stdout === podSecurityText()).toBe(true);
    },
    900_000,
  );
});

/** Whether the program can be built: without Go, or without its modules, what was said once has to do. */
function goIsThere(): boolean {
  const { status, error, stderr } = spawnSync('go', ['mod', 'download'], {
    cwd: ORACLE_FOLDER,
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '' },
    timeout: 300_000,
  });
  if (status === 0) return true;
  const why = `Go can’t build tools/pod-security-oracle (${error?.message ?? stderr.trim()})`;
  if (process.env['CI'] === 'true') throw new Error(`${why}: install Go 1.26`);
  process.stderr.write(`${why}: whether upstream still says the same is not asked\n`);
  return false;
}
