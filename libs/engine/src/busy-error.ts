/** An owner has as much waiting already as he may; what waits is done in its turn. */
export class BusyError extends Error {
  /** @param waiting how many of the owner's calls wait */
  constructor(readonly waiting: number) {
    super(`${waiting} calls are waiting already`);
    this.name = 'BusyError';
  }
}
