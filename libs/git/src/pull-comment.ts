import type { ProviderClient } from './provider-client.js';

/** How one provider keeps the comments of a pull request. */
export interface CommentRoutes {
  client: ProviderClient;
  /** Lists them, with a query of its own. */
  list: string;
  /** Makes one. */
  create: string;
  /** @returns where one is changed */
  change(id: string): string;
  method: 'PATCH' | 'PUT';
}

/**
 * Keeps one comment of ours at a pull request: the one with the marker is changed in place, else one is made. It is looked
 * for first, so that what was lost on the way back is not written twice.
 * @param marker that our comments begin with
 * @param text after it
 */
export async function keepComment(routes: CommentRoutes, marker: string, text: string): Promise<void> {
  const { client, list, create, change, method } = routes;
  const body = `${marker}\n${text}`;
  const id = await client.search(list, (comment) =>
    typeof comment['body'] === 'string' && comment['body'].startsWith(marker) ? String(comment['id']) : undefined,
  );
  if (id === undefined) await client.call('POST', create, { body });
  else await client.call(method, change(id), { body });
}
