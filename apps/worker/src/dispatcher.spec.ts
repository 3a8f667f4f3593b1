import { describe, expect, it } from '@jest/globals';
import { Dispatcher } from './dispatcher.js';

/** Work that lies ready by organization, and is done when the test says so. */
class Backlog {
  readonly begun: string[] = [];
  readonly failed: [string, unknown][] = [];
  private readonly open: (() => void)[] = [];
  readonly dispatcher: Dispatcher;

  constructor(
    slots: number,
    private readonly left: Record<string, number>,
    private readonly broken: readonly string[] = [],
  ) {
    this.dispatcher = new Dispatcher(
      slots,
      (orgId) => this.takeOne(orgId),
      (orgId, error) => this.failed.push([orgId, error]),
    );
    for (const orgId of Object.keys(left)) this.dispatcher.notice(orgId);
  }

  /** Ends the piece that was begun first, and lets the next begin. */
  async endOne(): Promise<void> {
    this.open.shift()?.();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  private async takeOne(orgId: string): Promise<boolean> {
    if ((this.left[orgId] ?? 0) === 0) return false;
    this.left[orgId] = (this.left[orgId] ?? 0) - 1;
    this.begun.push(orgId);
    await new Promise<void>((resolve) => this.open.push(resolve));
    if (this.broken.includes(orgId)) throw new Error(orgId);
    return true;
  }
}

describe('slots of a worker', () => {
  it('go to organizations by turns, and one of them is never the busiest’s', async () => {
    const backlog = new Backlog(3, { big: 1000 });
    expect(backlog.begun).toEqual(['big', 'big']);
    backlog.dispatcher.notice('small');
    expect(backlog.begun).toEqual(['big', 'big']);
    const both = new Backlog(3, { big: 1000, small: 1 });
    expect(both.begun).toEqual(['big', 'big', 'small']);
    await both.endOne();
    await both.endOne();
    expect(both.begun.slice(3)).toEqual(['big', 'big']);
  });

  it('one slot takes turns too', async () => {
    const backlog = new Backlog(1, { a: 3, b: 2, c: 1 });
    for (let i = 0; i < 12; i++) await backlog.endOne();
    expect(backlog.begun).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
  });

  it('what fails is told, and comes again when it is noticed again', async () => {
    const backlog = new Backlog(1, { bad: 2, good: 2 }, ['bad']);
    for (let i = 0; i < 12; i++) await backlog.endOne();
    expect([backlog.begun, backlog.failed.map(([orgId]) => orgId)]).toEqual([['bad', 'good', 'good'], ['bad']]);
    backlog.dispatcher.notice('bad');
    await backlog.endOne();
    expect(backlog.failed).toHaveLength(2);
  });

  it('are all free once it stops: nothing more is begun', async () => {
    const backlog = new Backlog(2, { a: 10 });
    const stopped = backlog.dispatcher.stop();
    await backlog.endOne();
    await stopped;
    expect(backlog.begun).toEqual(['a']);
  });
});
