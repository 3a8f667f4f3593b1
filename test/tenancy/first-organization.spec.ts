import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateCredential, uuidV7 } from '#kernel';
import { OrganizationsService } from '#tenancy';
import { TestPlatform } from '../support/test-platform.js';

describe('the first organization', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await TestPlatform.start();
  });
  afterAll(() => platform.stop());

  it('is made once where several replicas start in the same moment', async () => {
    const organizations = platform.app.get(OrganizationsService);
    const key = generateCredential('api_key', uuidV7(Date.now()));
    const request = { slug: 'shared', name: 'Shared' };
    const made = await Promise.all(
      Array.from({ length: 4 }, () => organizations.ensureFirst(request, key, Date.now())),
    );
    expect(new Set(made).size).toBe(1);
    expect((await platform.client(key).get('/api/v1/organization')).body).toMatchObject({ slug: 'shared' });
  });
});
