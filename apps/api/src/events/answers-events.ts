import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { LIVE_TOPICS, liveEventSchema, RESET_EVENT } from '#contracts';
import { Refuses } from '../answers.js';

const DESCRIPTION = [
  'Server-sent events. The `event` of each is its topic, its `data` the payload as JSON: ' +
    LIVE_TOPICS.map((topic) => `\`${topic}\``).join(', ') +
    '.',
  'Send the last `id` as `Last-Event-ID` to go on where you were, within an hour, on any replica: nothing is lost and ' +
    `nothing comes twice. Where that is not possible any more, \`${RESET_EVENT}\` comes first: load everything anew. ` +
    'Every 15 seconds a comment comes; a stream of which nothing comes is broken. Ids may come without an event.',
].join('\n\n');

/** Documents the stream of events. */
export function AnswersEvents(summary: string) {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(liveEventSchema, { target: 'draft-2020-12' });
  return applyDecorators(
    ApiBearerAuth(),
    ApiOperation({ summary, description: DESCRIPTION }),
    ApiHeader({ name: 'Last-Event-ID', required: false, schema: { type: 'string' } }),
    ApiResponse({
      status: 200,
      description: 'The stream',
      content: { 'text/event-stream': { schema: schema as never } },
    }),
    Refuses(),
  );
}
