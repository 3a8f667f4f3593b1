/**
 * Lets those who want to know the same share one read: whoever asks while one is under way waits for the next, which
 * begins when that one has ended and answers all of them. Nobody gets what was read before they asked.
 */
export class SharedReads {
  private readonly queues = new Map<string, { next: Promise<unknown> | undefined; last: Promise<unknown> }>();

  /**
   * @param key of what is asked
   * @param read asks it anew
   * @returns its answer, which is others' too
   * @throws whatever `read` throws, to all who share it
   */
  of<Result>(key: string, read: () => Promise<Result>): Promise<Result> {
    const queue = this.queues.get(key);
    if (queue === undefined) return this.begin(key, read);
    queue.next ??= queue.last.then(
      () => this.begin(key, read),
      () => this.begin(key, read),
    );
    return queue.next as Promise<Result>;
  }

  private begin<Result>(key: string, read: () => Promise<Result>): Promise<Result> {
    const queue = { next: undefined, last: read() };
    this.queues.set(key, queue);
    const ended = (): void => {
      if (queue.next === undefined) this.queues.delete(key);
    };
    queue.last.then(ended, ended);
    return queue.last;
  }
}
