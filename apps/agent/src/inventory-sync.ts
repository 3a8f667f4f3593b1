import { INVENTORY_BATCH_MAX, type InventoryBatch, type InventoryChange, type ManifestProblem } from '#contracts';
import { NORMALISER_VERSION } from '#kube';
import {
  changesBetween,
  digestOf,
  stateOf,
  upsertOf,
  type SentState,
  type SourceObject,
} from './inventory-diff.rules.js';
import { PlatformRefusal, type PlatformClient } from './platform-client.js';

/** What a source holds at one moment. */
export interface SourceSnapshot {
  objects: SourceObject[];
  problems: ManifestProblem[];
  /** When it was read, milliseconds since 1970. */
  at: number;
}

/** The platform takes up to 16 MiB a body, unzipped; a batch stays well below. */
const BATCH_BYTES = 8 * 1024 * 1024;
const PROBLEMS_MAX = 1_000;

/** Keeps the platform's inventory in step with the source: a whole listing once an epoch, then only what changed. */
export class InventorySync {
  private epoch = 0;
  private seq = 0;
  private sent: SentState = new Map();

  constructor(
    private readonly client: PlatformClient,
    private readonly credential: string,
    /** Milliseconds since 1970: a new epoch is higher than those of earlier starts. */
    private readonly now: () => number,
  ) {}

  /** Where the platform should be. */
  get position(): { epoch: number; seq: number; digest: string } {
    return { epoch: this.epoch, seq: this.seq, digest: digestOf(this.sent) };
  }

  /** Whether a listing was begun: nothing can be told before. */
  get hasListed(): boolean {
    return this.epoch > 0;
  }

  /**
   * Lists everything under a new epoch; what is not listed is gone.
   * @param snapshot what the source holds
   * @param traceparent of what it is listed for
   * @returns what the platform did not take, by message
   */
  async list(snapshot: SourceSnapshot, traceparent?: string): Promise<string[]> {
    this.beginEpoch(this.now());
    for (;;) {
      try {
        return await this.sendListing(snapshot, traceparent);
      } catch (error) {
        if (!(error instanceof PlatformRefusal) || error.code !== 'stale_epoch') throw error;
        this.beginEpoch(Number(error.extra['epoch'] ?? this.epoch));
      }
    }
  }

  /**
   * Sends what changed since the last call; where the platform lost the thread, everything.
   * @param traceparent of what it is sent for
   * @returns what the platform did not take, by message
   */
  async update(snapshot: SourceSnapshot, traceparent?: string): Promise<string[]> {
    if (!this.hasListed) return this.list(snapshot, traceparent);
    const next = stateOf(snapshot.objects);
    const changes = changesBetween(this.sent, next, snapshot.objects);
    try {
      const rejected = await this.sendAll(changes, snapshot, undefined, traceparent);
      this.sent = next;
      return rejected;
    } catch (error) {
      if (!(error instanceof PlatformRefusal) || error.status !== 409) throw error;
      return this.list(snapshot, traceparent);
    }
  }

  private async sendListing(snapshot: SourceSnapshot, traceparent: string | undefined): Promise<string[]> {
    const rejected = await this.sendAll(snapshot.objects.map(upsertOf), snapshot, 'part', traceparent);
    this.sent = stateOf(snapshot.objects);
    return rejected;
  }

  private async sendAll(
    changes: InventoryChange[],
    snapshot: SourceSnapshot,
    listing: 'part' | undefined,
    traceparent: string | undefined,
  ): Promise<string[]> {
    const parts = cut(changes);
    const rejected: string[] = [];
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      const batch: InventoryBatch = {
        epoch: this.epoch,
        seq: this.seq + 1,
        normaliser: NORMALISER_VERSION,
        changes: part,
        state_as_of: new Date(snapshot.at).toISOString(),
        ...(listing !== undefined && { snapshot: last ? ('end' as const) : listing }),
        ...(last && { problems: snapshot.problems.slice(0, PROBLEMS_MAX) }),
      };
      const ack = await this.client.inventory(this.credential, batch, traceparent);
      this.seq = batch.seq;
      rejected.push(...ack.rejected.map(({ message }) => message));
    }
    return rejected;
  }

  private beginEpoch(above: number): void {
    this.epoch = Math.max(this.epoch, above) + 1;
    this.seq = 0;
  }
}

/** Cuts changes into batches by number and size; at least one, so that an empty source is told too. */
function cut(changes: readonly InventoryChange[]): InventoryChange[][] {
  const parts: InventoryChange[][] = [[]];
  let bytes = 0;
  for (const change of changes) {
    const size = JSON.stringify(change).length;
    const current = parts.at(-1) ?? [];
    if (current.length > 0 && (current.length >= INVENTORY_BATCH_MAX || bytes + size > BATCH_BYTES)) {
      parts.push([change]);
      bytes = size;
    } else {
      current.push(change);
      bytes += size;
    }
  }
  return parts;
}
