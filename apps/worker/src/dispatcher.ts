/** Does one piece of an organization's work; says whether there was any. */
type TakeOne = (orgId: string) => Promise<boolean>;

/**
 * Gives the slots of this process to organizations by turns: each has one piece of its work done, then comes the next.
 * While there is more than one slot, one is left to the others: ten thousand runs of one organization don't delay
 * another's single one (DESIGN §8).
 */
export class Dispatcher {
  /** Who may have work, the one whose turn it is first. */
  private readonly turns = new Set<string>();
  private readonly busy = new Map<string, number>();
  private readonly going = new Set<Promise<void>>();
  private readonly perOrganization: number;
  private stopping = false;

  /**
   * @param slots pieces of work at once
   * @param takeOne takes the next piece of an organization and does it
   * @param onError what one piece threw; the next one is taken all the same
   */
  constructor(
    private readonly slots: number,
    private readonly takeOne: TakeOne,
    private readonly onError: (orgId: string, error: unknown) => void,
  ) {
    this.perOrganization = Math.max(1, slots - 1);
  }

  /** There may be work in an organization. */
  notice(orgId: string): void {
    this.turns.add(orgId);
    this.dispatch();
  }

  /** Takes nothing more; returns when what is going has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.going);
  }

  private dispatch(): void {
    while (!this.stopping && this.going.size < this.slots) {
      const next = [...this.turns].find((orgId) => (this.busy.get(orgId) ?? 0) < this.perOrganization);
      if (next === undefined) return;
      this.turns.delete(next);
      this.turns.add(next);
      this.begin(next);
    }
  }

  private begin(orgId: string): void {
    this.busy.set(orgId, (this.busy.get(orgId) ?? 0) + 1);
    const piece = this.takeOne(orgId)
      .then((taken) => {
        // Behind everybody else, those too that came while it was at work.
        if (this.turns.delete(orgId) && taken) this.turns.add(orgId);
      })
      .catch((error: unknown) => {
        // Not at once again: the next look notices it.
        this.turns.delete(orgId);
        this.onError(orgId, error);
      })
      .finally(() => {
        this.going.delete(piece);
        const left = (this.busy.get(orgId) ?? 1) - 1;
        if (left === 0) this.busy.delete(orgId);
        else this.busy.set(orgId, left);
        this.dispatch();
      });
    this.going.add(piece);
  }
}
