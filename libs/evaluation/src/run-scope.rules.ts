import { RUN_TRIGGERS, type RunTrigger } from '#contracts';

/** What a request wants looked at: objects by id, everything in the cluster, or the pairs of some bindings. */
export type RequestedScope = { all: true } | { objects: string[] } | { bindings: string[] };

export interface RunRequest {
  trigger: RunTrigger;
  scope: RequestedScope;
  /** Judge again though nothing that the verdict depends on has changed (J4). */
  force: boolean;
  /** When the change came that it is about; nothing where it is about no change of objects. */
  arrivedAt?: Date | null;
  /** The span that wants it; nothing where nothing was traced. */
  traceparent?: string | null | undefined;
}

/** The union of what a run's requests want; `force` stays with the objects or bindings of its own request (J3). */
export interface RunScope {
  all: boolean;
  forceAll: boolean;
  objects: Set<string>;
  forced: Set<string>;
  forcedBindings: Set<string>;
}

/**
 * @param requests all that the run absorbed
 * @returns their union
 */
export function unionOf(requests: readonly RunRequest[]): RunScope {
  const union: RunScope = {
    all: false,
    forceAll: false,
    objects: new Set(),
    forced: new Set(),
    forcedBindings: new Set(),
  };
  for (const { scope, force } of requests) {
    if ('all' in scope) {
      union.all = true;
      union.forceAll ||= force;
      continue;
    }
    if ('bindings' in scope) {
      // Which objects they match is known only once everything has been looked at; what is unchanged keeps its verdict.
      union.all = true;
      if (force) for (const id of scope.bindings) union.forcedBindings.add(id);
      continue;
    }
    for (const id of scope.objects) {
      union.objects.add(id);
      if (force) union.forced.add(id);
    }
  }
  return union;
}

/**
 * Whether a pair is to be judged whatever its memo says.
 * @param bindings that its check comes from
 */
export function isForced(scope: RunScope, objectId: string, bindings: readonly string[]): boolean {
  return scope.forceAll || scope.forced.has(objectId) || bindings.some((id) => scope.forcedBindings.has(id));
}

/**
 * @param triggers of a run's requests
 * @returns the strongest: `manual`, `schedule`, `policy-change`, `object-change`, in this order (J3)
 */
export function strongestTrigger(triggers: readonly RunTrigger[]): RunTrigger {
  return RUN_TRIGGERS.find((trigger) => triggers.includes(trigger)) ?? 'object-change';
}
