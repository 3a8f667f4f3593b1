import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

/** Whose credential a route takes, as the API's description names them. */
export type Credential = 'bearer' | 'agent' | 'none';

/**
 * Documents a route: what it does and what it answers; refusals are problem documents everywhere.
 * @param summary one line
 * @param status of success
 * @param schema of the answer; none for an empty one
 * @param credential that the route takes
 */
export function Answers(summary: string, status: number, schema?: z.ZodType, credential: Credential = 'bearer') {
  return applyDecorators(
    ...(credential === 'none' ? [] : [ApiBearerAuth(credential)]),
    ApiOperation({ summary }),
    ApiResponse({ status, description: 'Done', ...(schema && { standardSchema: schema }) }),
    Refuses(),
  );
}

/** Documents that a route refuses with problem documents. */
export function Refuses() {
  return ApiDefaultResponse({
    description: 'Refused: a problem document (RFC 9457)',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
}
