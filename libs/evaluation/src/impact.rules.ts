import type { ImpactCounts, ImpactItem, PolicyPreview } from '#contracts';
import { clusterRef, findingShapes, objectRef } from '#judging';
import { Foremost } from './foremost.js';
import type { FailingToday } from './impact-input.store.js';
import type { TriedCluster } from './impact-plan.read-model.js';
import type { TriedContent, TriedVerdict } from './impact-walk.js';

const NOTHING: ImpactCounts = {
  pass: 0,
  fail: 0,
  error: 0,
  skipped: 0,
  newly_failing: 0,
  no_longer_failing: 0,
  newly_denied: 0,
};

/** What a policy would do today, cluster by cluster. */
export class PreviewTally {
  private readonly clusters: PolicyPreview['clusters'] = [];
  private readonly foremost: Foremost<ImpactItem>;

  /** @param limit how many failing objects are listed */
  constructor(limit: number) {
    this.foremost = new Foremost(limit, compareItems);
  }

  /**
   * Begins with a cluster.
   * @param failingToday what fails there today
   */
  cluster(cluster: TriedCluster, failingToday: readonly FailingToday[]): ClusterTally {
    const keys = failingToday.map(({ objectId, instance }) => failingKey(objectId, instance));
    return new ClusterTally(cluster, new Set(keys), (item) => this.foremost.add(item));
  }

  /** @param complete whether there was time for all of the cluster */
  end(tally: ClusterTally, complete: boolean): void {
    this.clusters.push(tally.end(complete));
  }

  /** @returns the answer, without what was tried */
  answer(): Omit<PolicyPreview, 'policy' | 'bindings'> {
    const counts = this.clusters.reduce((sum, one) => sumOf(sum, one.counts), NOTHING);
    return {
      complete: this.clusters.every(({ complete }) => complete),
      objects: this.clusters.reduce((sum, { objects }) => sum + objects, 0),
      counts,
      clusters: this.clusters,
      ...this.foremost.take(),
    };
  }
}

/** The same for one cluster. */
export class ClusterTally {
  private readonly counts = { ...NOTHING };
  private readonly gone: Set<string>;
  private objects = 0;

  constructor(
    private readonly of: TriedCluster,
    private readonly failingToday: ReadonlySet<string>,
    private readonly list: (item: ImpactItem) => void,
  ) {
    this.gone = new Set(failingToday);
  }

  add(content: TriedContent): void {
    this.objects++;
    for (const one of content.verdicts) this.addVerdict(content, one);
  }

  end(complete: boolean): PolicyPreview['clusters'][number] {
    // What was not looked at may fail still.
    const resolved = complete ? this.gone.size : 0;
    return {
      cluster: clusterRef(this.of),
      objects: this.objects,
      complete,
      counts: { ...this.counts, no_longer_failing: resolved },
    };
  }

  private addVerdict(content: TriedContent, { check, verdict, findings, reason }: TriedVerdict): void {
    if (verdict !== 'pass' && verdict !== 'fail' && verdict !== 'error' && verdict !== 'skipped') return;
    const key = failingKey(content.objectId, check.instance);
    this.counts[verdict]++;
    // An open violation stays open where nothing can be said.
    if (verdict !== 'pass') this.gone.delete(key);
    if (verdict !== 'fail' && verdict !== 'error') return;
    const isNew = verdict === 'fail' && !this.failingToday.has(key);
    const isDenied = isNew && check.enforcement === 'deny';
    this.counts.newly_failing += Number(isNew);
    this.counts.newly_denied += Number(isDenied);
    this.list({
      cluster: clusterRef(this.of),
      object: objectRef(content.identity, content.object),
      instance: check.instance,
      verdict,
      enforcement: check.enforcement,
      newly_failing: isNew,
      newly_denied: isDenied,
      ...(reason !== undefined && { reason }),
      findings: findingShapes(findings),
    });
  }
}

function failingKey(objectId: string, instance: string): string {
  return `${objectId}/${instance}`;
}

function sumOf(a: ImpactCounts, b: ImpactCounts): ImpactCounts {
  const names = Object.keys(a) as (keyof ImpactCounts)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as ImpactCounts;
}

function compareItems(a: ImpactItem, b: ImpactItem): number {
  return (
    Number(b.newly_denied) - Number(a.newly_denied) ||
    Number(b.newly_failing) - Number(a.newly_failing) ||
    placeOf(a).localeCompare(placeOf(b), 'en')
  );
}

function placeOf({ cluster, object, instance }: ImpactItem): string {
  return [cluster.name, object.namespace, object.kind, object.name, instance].join('/');
}
