import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { problemSchema } from '#contracts';
import type { z } from 'zod';

/**
 * Documents a route: what it does and what it answers; refusals are problem documents everywhere.
 * @param summary one line
 * @param status of success
 * @param schema of the answer; none for an empty one
 */
export function Answers(summary: string, status: number, schema?: z.ZodType) {
  return applyDecorators(
    ApiBearerAuth(),
    ApiOperation({ summary }),
    ApiResponse({ status, description: 'Done', ...(schema && { standardSchema: schema }) }),
    ApiDefaultResponse({ description: 'Refused: a problem document (RFC 9457)', standardSchema: problemSchema }),
  );
}
