import {
  EvaluationPool,
  haveFixes,
  ModuleEvaluator,
  type PolicyInfo,
  policyModule,
  verifyFixes,
  withoutFixes,
} from '#engine';
import { sha256Hex } from '#kernel';
import type { Engine } from '#judging';

/** A compiled module and the policies in it. */
export interface LocalModule {
  wasm: Uint8Array;
  policies: readonly PolicyInfo[];
}

/** What judges here. */
export interface LocalEngines {
  engineOf(module: LocalModule): Engine;
  close(): Promise<void>;
}

/**
 * Judges in this thread: nothing has to be started. It has no deadline, so that it is for little.
 * @param wantsFixes whether anybody is shown fixes: trying them takes as long again
 */
export function inThisThread(wantsFixes: boolean): LocalEngines {
  return {
    engineOf: ({ wasm, policies }) => {
      const evaluator = new ModuleEvaluator(new WebAssembly.Module(wasm));
      return {
        policies: bySlug(policies),
        evaluate: (request, fixes) => {
          const verdicts = evaluator.evaluate(request);
          if (!haveFixes(verdicts)) return verdicts;
          if (!wantsFixes) return verdicts.map(withoutFixes);
          return verifyFixes((asked) => evaluator.evaluate(asked), request, verdicts, fixes);
        },
      };
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Judges in worker threads, each object under a deadline.
 * @param wantsFixes whether anybody is shown fixes
 */
export function inThreads(wantsFixes: boolean): LocalEngines {
  const pool = new EvaluationPool({ probationMs: 0 });
  return {
    engineOf: ({ wasm, policies }) => {
      const module = policyModule({ key: sha256Hex(wasm), owner: 'local', wasm, policies });
      return {
        policies: module.policies,
        evaluate: async (request, fixes) => {
          if (wantsFixes) return pool.evaluate(module, request, fixes);
          return (await pool.evaluate(module, request)).map(withoutFixes);
        },
      };
    },
    close: () => pool.close(),
  };
}

/** @returns the same engine, which tells of each object that it has judged */
export function counting(engine: Engine, judged: () => void): Engine {
  return {
    policies: engine.policies,
    evaluate: async (request, fixes) => {
      const verdicts = await engine.evaluate(request, fixes);
      judged();
      return verdicts;
    },
  };
}

/**
 * @param engines no policy is in two of them
 * @returns one that judges by the policies of all
 */
export function joined(engines: readonly Engine[]): Engine {
  const home = new Map(engines.flatMap((engine) => [...engine.policies.keys()].map((slug) => [slug, engine] as const)));
  return {
    policies: new Map(engines.flatMap((engine) => [...engine.policies])),
    evaluate: async (request, fixes) => {
      const asked = engines.map(async (engine) => {
        const own = Object.entries(request.params).filter(([slug]) => home.get(slug) === engine);
        return own.length === 0 ? [] : engine.evaluate({ ...request, params: Object.fromEntries(own) }, fixes);
      });
      return (await Promise.all(asked)).flat();
    },
  };
}

function bySlug(policies: readonly PolicyInfo[]): ReadonlyMap<string, PolicyInfo> {
  return new Map(policies.map((policy) => [policy.slug, policy]));
}
