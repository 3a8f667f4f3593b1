import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { VALIDATION_FORMATS, validationResultSchema } from '#contracts';
import { z } from 'zod';
import { Refuses } from '../answers.js';
import { plainMediaType } from './answer-format.js';

const DESCRIPTION =
  'In the format that `format` names, else in one that `Accept` asks for, else as JSON. `Accept` can ask for `application/json`, ' +
  '`application/sarif+json`, `application/xml` (JUnit), `text/markdown` and `text/plain`; the others are asked for by name.';

/** One schema stands for all media types: each says which of them it is. */
const resultTextSchema = z
  .union([
    validationResultSchema,
    z
      .looseObject({ version: z.literal('2.1.0'), runs: z.array(z.unknown()) })
      .describe('`sarif`: a log of SARIF 2.1.0'),
    z
      .array(
        z.object({
          description: z.string(),
          check_name: z.string(),
          fingerprint: z.string(),
          severity: z.enum(['info', 'minor', 'major', 'critical', 'blocker']),
          location: z.object({ path: z.string(), lines: z.object({ begin: z.int().min(1) }) }),
        }),
      )
      .describe('`gitlab`: a Code Quality report'),
    z.string().describe('`junit`, `github`, `azure`, `markdown`, `tap`, `text`'),
  ])
  .meta({ id: 'ValidationInFormat' });

/**
 * Documents a route that answers with the result of a validation, in any of its formats.
 * @param summary one line
 */
export function AnswersResult(summary: string) {
  return applyDecorators(
    ApiBearerAuth(),
    ApiOperation({ summary, description: DESCRIPTION }),
    ApiProduces(...new Set(VALIDATION_FORMATS.map(plainMediaType))),
    ApiResponse({ status: 200, description: 'Done', standardSchema: resultTextSchema }),
    Refuses(),
  );
}
