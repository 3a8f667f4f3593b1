import type { ImportAnswer, ImportedDocument, PolicyDetail } from '#contracts';
import { manifestOf } from './foreign-policies.js';
import type { TestAnswer, TestClient } from './test-client.js';

export const IMPORT_ROUTE = '/api/v1/policies/import';

/** Imports policies as an owner does. */
export interface Importing {
  send(body: object): Promise<TestAnswer>;
  /** @throws Error where it was refused */
  importAll(body: object): Promise<ImportAnswer>;
  imported(...documents: object[]): Promise<ImportedDocument[]>;
  policy(slug: string): Promise<PolicyDetail>;
}

/** @param owner asked for when he is needed: a platform starts after its tests were told of */
export function importingAs(owner: () => TestClient): Importing {
  const send = (body: object): Promise<TestAnswer> => owner().post(IMPORT_ROUTE, body);
  const importAll = async (body: object): Promise<ImportAnswer> => {
    const answer = await send(body);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body as ImportAnswer;
  };
  return {
    send,
    importAll,
    imported: async (...documents) => (await importAll({ manifest: manifestOf(...documents) })).documents,
    policy: async (slug) => (await owner().get(`/api/v1/policies/${slug}`)).body as PolicyDetail,
  };
}

/** @returns status and code of a refusal */
export function problemOf({ status, body }: TestAnswer): [number, string] {
  return [status, (body as { code: string }).code];
}
