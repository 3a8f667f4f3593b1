import { Controller, Get, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { AppError, type Scope } from '#kernel';
import { followEventsQuery, type FollowEvents } from '#contracts';
import { parsePosition, type LivePosition } from '#platform';
import { ApiKeysService } from '#tenancy';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { bearerOf } from '../auth/bearer.js';
import { RequestScope, RequireScope, type AuthenticatedRequest } from '../auth/principal.js';
import { AnswersEvents } from './answers-events.js';
import { EventStreams } from './event-streams.js';

@Controller('api/v1/events')
@UseGuards(ApiKeyGuard)
@RequireScope('read')
export class EventsController {
  constructor(
    private readonly streams: EventStreams,
    private readonly apiKeys: ApiKeysService,
  ) {}

  @Get()
  @AnswersEvents('What happens, as it happens: runs, violations, connections of clusters')
  async follow(
    @RequestScope() { orgId }: Scope,
    @Req() request: AuthenticatedRequest,
    @Query({ schema: followEventsQuery }) wanted: FollowEvents,
    @Res() response: Response,
  ): Promise<void> {
    const from = lastEvent(request);
    // Who asks for the headers alone follows nothing.
    if (request.method === 'HEAD') return void response.type('text/event-stream').end();
    const key = bearerOf(request);
    await this.streams.follow(orgId, { response, wanted, from }, () => this.apiKeys.authenticate(key));
  }
}

function lastEvent(request: AuthenticatedRequest): LivePosition | undefined {
  const header = request.get('last-event-id');
  if (header === undefined || header === '') return undefined;
  const position = parsePosition(header);
  if (position === null)
    throw new AppError('bad_request', 'Send Last-Event-ID as the `id` that came last, or leave it out.');
  return position;
}
