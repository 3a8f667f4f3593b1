import pg from 'pg';
import { ensurePartitions } from './migrate.js';

/** Makes the monthly partitions of history ahead of time, as the owner: the application may not (T3, P1). */
export class HistoryPartitions {
  /** @param ownerUrl the owner's login */
  constructor(private readonly ownerUrl: string) {}

  /** @param now any time in the present month; partitions are there up to three months ahead afterwards */
  async extend(now: Date): Promise<void> {
    const owner = new pg.Client({ connectionString: this.ownerUrl });
    await owner.connect();
    try {
      await ensurePartitions(owner, now);
    } finally {
      await owner.end();
    }
  }
}
