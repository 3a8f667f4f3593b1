import { AppError } from '#kernel';

/** How far a cluster's inventory has come. */
export interface FeedPosition {
  epoch: number;
  seq: number;
}

/**
 * Decides what to do with a batch that may come twice, late or out of order.
 * @param feed the last batch applied
 * @param batch the one that came
 * @returns `apply`, or `repeat` where it was applied before
 * @throws AppError `stale_epoch` where a newer epoch was begun, `batch_gap` where one before it is missing
 */
export function placeBatch(feed: FeedPosition, batch: FeedPosition): 'apply' | 'repeat' {
  if (batch.epoch < feed.epoch) {
    throw new AppError('stale_epoch', `Epoch ${feed.epoch} was begun: begin a higher one and list everything again.`, {
      extra: { epoch: feed.epoch, seq: feed.seq },
    });
  }
  const expected = batch.epoch === feed.epoch ? feed.seq + 1 : 1;
  if (batch.epoch === feed.epoch && batch.seq <= feed.seq) return 'repeat';
  if (batch.seq !== expected) {
    throw new AppError(
      'batch_gap',
      `Batch ${batch.seq} of epoch ${batch.epoch} came before batch ${expected}: send that one first.`,
      {
        extra: { epoch: feed.epoch, seq: feed.seq, expected },
      },
    );
  }
  return 'apply';
}

/** What is there of an object before a batch. */
export interface PresentHead {
  objectId: string;
  bodyHash: Buffer | null;
}

/** What a batch says of an object; no hash: it is gone. */
export interface IncomingHead {
  objectId: string;
  bodyHash: Buffer | null;
}

export type HeadChange = 'appears' | 'changes' | 'same' | 'disappears' | 'absent';

/**
 * @param present the head as it is, undefined where the object was never seen
 * @param incoming what the batch says
 * @returns what becomes of the head
 */
export function headChange(present: PresentHead | undefined, incoming: IncomingHead): HeadChange {
  const before = present?.bodyHash ?? null;
  if (incoming.bodyHash === null) return before === null ? 'absent' : 'disappears';
  if (before === null) return 'appears';
  return before.equals(incoming.bodyHash) ? 'same' : 'changes';
}
