/** Waiting tasks, taken round robin by owner: one owner's ten thousand don't delay another's one. */
export class FairQueue {
  private readonly lanes = new Map<string, number[]>();
  private returned: { owner: string; id: number }[] = [];

  /** Puts a task last in its owner's lane. */
  push(owner: string, id: number): void {
    const lane = this.lanes.get(owner);
    if (lane === undefined) this.lanes.set(owner, [id]);
    else lane.push(id);
  }

  /** Puts tasks first in their owner's lane, in this order. */
  putBack(owner: string, ids: readonly number[]): void {
    if (ids.length > 0) this.lanes.set(owner, [...ids, ...(this.lanes.get(owner) ?? [])]);
  }

  /** Puts tasks first of all, in this order: they had their turn, and lost it by no fault of their owner's. */
  putFirst(tasks: readonly { owner: string; id: number }[]): void {
    this.returned.unshift(...tasks);
  }

  /** @returns whether a task of the owner waits */
  has(owner: string): boolean {
    return this.lanes.has(owner) || this.returned.some((task) => task.owner === owner);
  }

  /** @returns how many tasks of the owner wait */
  waiting(owner: string): number {
    return (this.lanes.get(owner)?.length ?? 0) + this.returned.filter((task) => task.owner === owner).length;
  }

  /**
   * Takes the next task that has a place; its owner then goes to the end of the round.
   * @param placeFor gives the place for an owner's next task, undefined where it has none now
   * @returns undefined where nothing waits that has a place
   */
  take<T>(placeFor: (owner: string) => T | undefined): { id: number; place: T } | undefined {
    for (const [index, { owner, id }] of this.returned.entries()) {
      const place = placeFor(owner);
      if (place === undefined) continue;
      this.returned.splice(index, 1);
      return { id, place };
    }
    for (const [owner, lane] of this.lanes) {
      const place = placeFor(owner);
      if (place === undefined) continue;
      const id = lane.shift();
      this.lanes.delete(owner);
      if (lane.length > 0) this.lanes.set(owner, lane);
      if (id !== undefined) return { id, place };
    }
    return undefined;
  }

  /** Forgets all. */
  clear(): void {
    this.lanes.clear();
    this.returned = [];
  }
}
