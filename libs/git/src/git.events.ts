import { publicId } from '#kernel';
import type { GitCheckShape } from '#contracts';
import { emitLive, type Tx } from '#platform';
import type { CheckWish } from './git-wishes.store.js';

/** Tells those who look on how a check ended. */
export function emitCheck(
  tx: Tx,
  {
    checkId,
    sourceId,
    ref,
    pullRequest,
    commit,
  }: Pick<CheckWish, 'sourceId' | 'ref' | 'pullRequest' | 'commit'> & { checkId: string },
  status: 'done' | 'failed',
  decision: GitCheckShape['decision'],
): void {
  emitLive(tx, {
    topic: 'git-check.finished',
    payload: {
      check_id: publicId('gitCheck', checkId),
      source_id: publicId('gitSource', sourceId),
      ref,
      pull_request: pullRequest,
      commit,
      status,
      decision,
    },
  });
}
