import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { decodeCursor, encodeCursor, requirePublicId, type Page, type Scope } from '#kernel';
import {
  apiKeyPageSchema,
  createApiKeySchema,
  createdApiKeySchema,
  listApiKeysQuery,
  type ApiKeyShape,
  type CreateApiKey,
} from '#contracts';
import { ApiKeysService, type Principal } from '#tenancy';
import type { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestPrincipal, RequestScope, RequireScope } from '../auth/principal.js';
import { Idempotent } from '../idempotency/idempotent.js';

type CreatedApiKey = z.infer<typeof createdApiKeySchema>;

@Controller('api/v1/api-keys')
@UseGuards(ApiKeyGuard)
@RequireScope('admin')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Idempotent('key')
  @Answers('Make an API key; its text is shown once', 201, createdApiKeySchema)
  create(
    @RequestScope() scope: Scope,
    @Body({ schema: createApiKeySchema }) request: CreateApiKey,
  ): Promise<CreatedApiKey> {
    return this.apiKeys.create(scope, request);
  }

  @Get()
  @Answers('API keys in the order they were made', 200, apiKeyPageSchema)
  async list(
    @RequestScope() scope: Scope,
    @Query({ schema: listApiKeysQuery }) query: z.infer<typeof listApiKeysQuery>,
  ): Promise<Page<ApiKeyShape>> {
    const after = query.cursor === undefined ? undefined : String(decodeCursor(query.cursor, 'id', ['uuid'])[0]);
    const found = await this.apiKeys.list(scope, query.limit + 1, after);
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    const next = found.length > query.limit && last !== undefined;
    return { items, next_cursor: next ? encodeCursor('id', [requirePublicId('apiKey', last.id)]) : null };
  }

  @Delete(':id')
  @HttpCode(204)
  @Answers('Revoke an API key', 204)
  async revoke(
    @RequestScope() scope: Scope,
    @RequestPrincipal() { scopes }: Principal,
    @Param('id') id: string,
  ): Promise<void> {
    await this.apiKeys.revoke(scope, requirePublicId('apiKey', id), scopes);
  }

  @Post(':id/rotate')
  @Idempotent('key')
  @Answers('Replace an API key by a new one', 201, createdApiKeySchema)
  rotate(
    @RequestScope() scope: Scope,
    @RequestPrincipal() { scopes }: Principal,
    @Param('id') id: string,
  ): Promise<CreatedApiKey> {
    return this.apiKeys.rotate(scope, requirePublicId('apiKey', id), scopes);
  }
}
