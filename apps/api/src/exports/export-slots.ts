import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Response } from 'express';
import { AppError } from '#kernel';

/** Each holds a connection to Postgres for as long as it lasts: most of the pool is for everything else. */
const IN_THIS_PROCESS = 4;
/** One organization's exports leave room for another's. */
const OF_ONE_ORGANIZATION = 2;
const RETRY_AFTER_S = 10;
/** A moment that is kept in sight for longer keeps Postgres from cleaning up. */
const WITHIN_MS = 3_600_000;

interface Slot {
  orgId: string;
  ended: AbortController;
}

/** Lets few long readings run at a time, and ends each that nobody waits for any more. */
@Injectable()
export class ExportSlots implements BeforeApplicationShutdown {
  private readonly taken = new Set<Slot>();

  /** How many run in this process. */
  get running(): number {
    return this.taken.size;
  }

  /**
   * Reads for as long as the client stays, an hour at most.
   * @param orgId whose slot it takes, a UUID
   * @param response to the client; where there is no slot it says when to come back
   * @param work is given the signal of its end
   * @throws AppError `too_many_requests`, `unavailable`; whatever `work` throws
   */
  async use<Result>(
    orgId: string,
    response: Response,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const slot = this.take(orgId, response);
    const { signal } = slot.ended;
    const leave = (): void => slot.ended.abort(new AppError('bad_request', 'The client went away.'));
    const late = setTimeout(() => slot.ended.abort(new AppError('unavailable', 'It took too long.')), WITHIN_MS);
    response.once('close', leave);
    try {
      return await work(signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(late);
      response.off('close', leave);
      this.taken.delete(slot);
    }
  }

  /** The server closes once its answers have ended. */
  beforeApplicationShutdown(): void {
    for (const { ended } of this.taken) ended.abort(new AppError('unavailable', 'The platform is stopping.'));
  }

  private take(orgId: string, response: Response): Slot {
    const ofThisOrganization = [...this.taken].filter((slot) => slot.orgId === orgId).length;
    if (this.taken.size >= IN_THIS_PROCESS || ofThisOrganization >= OF_ONE_ORGANIZATION) {
      response.setHeader('Retry-After', RETRY_AFTER_S);
      throw new AppError(
        'too_many_requests',
        `At most ${OF_ONE_ORGANIZATION} exports of an organization run at a time; try again when one has ended.`,
      );
    }
    const slot = { orgId, ended: new AbortController() };
    this.taken.add(slot);
    return slot;
  }
}
