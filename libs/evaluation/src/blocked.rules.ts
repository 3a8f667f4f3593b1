import { publicId } from '#kernel';
import type { BindingPreviewShape, BlockedItem } from '#contracts';
import { clusterRef, findingShapes, objectRef } from '#judging';
import { Foremost } from './foremost.js';
import type { Revision } from './impact-input.store.js';
import type { TriedCluster } from './impact-plan.read-model.js';
import type { TriedContent, TriedVerdict } from './impact-walk.js';

/** What `deny` would have refused of what was made and changed in a time that is over. */
export class BlockedTally {
  private readonly byPolicy = new Map<string, BindingPreviewShape['policies'][number]>();
  private readonly foremost: Foremost<BlockedItem>;
  private changes = 0;
  private blocked = 0;

  /**
   * @param from the beginning
   * @param onError whether what can't be judged is refused too
   * @param limit how many refusals are listed
   */
  constructor(
    private readonly from: Date,
    private readonly onError: boolean,
    limit: number,
  ) {
    this.foremost = new Foremost(limit, (a, b) => b.at.localeCompare(a.at, 'en'));
  }

  /** @param revisions of one object */
  add(cluster: TriedCluster, revisions: readonly (Revision & TriedContent)[]): void {
    // What was there before was let in before.
    const changes = revisions.filter(({ from, verdicts }) => from >= this.from && verdicts.length > 0);
    for (const change of changes) {
      this.changes++;
      const refusing = change.verdicts.filter((one) => this.refuses(one));
      this.blocked += Number(refusing.length > 0);
      for (const one of refusing) this.note(cluster, change, one);
    }
  }

  /** @returns the answer, without what was tried */
  answer(): Pick<BindingPreviewShape, 'changes' | 'blocked' | 'policies' | 'items' | 'omitted'> {
    const policies = [...this.byPolicy.values()].sort(
      (a, b) => b.blocked - a.blocked || a.policy.slug.localeCompare(b.policy.slug, 'en'),
    );
    return { changes: this.changes, blocked: this.blocked, policies, ...this.foremost.take() };
  }

  private refuses({ verdict }: TriedVerdict): boolean {
    return verdict === 'fail' || (verdict === 'error' && this.onError);
  }

  private note(
    cluster: TriedCluster,
    change: Revision & TriedContent,
    { check, verdict, findings }: TriedVerdict,
  ): void {
    const policy = { id: publicId('policy', check.policyId), slug: check.slug };
    const known = this.byPolicy.get(check.policyId) ?? { policy, blocked: 0 };
    this.byPolicy.set(check.policyId, { policy, blocked: known.blocked + 1 });
    this.foremost.add({
      at: change.from.toISOString(),
      cluster: clusterRef(cluster),
      object: objectRef(change.identity, change.object),
      policy,
      instance: check.instance,
      verdict: verdict === 'error' ? 'error' : 'fail',
      findings: findingShapes(findings),
    });
  }
}
