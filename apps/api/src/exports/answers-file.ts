import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { Refuses } from '../answers.js';
import { MEDIA_TYPES, type ExportFormat } from './export-format.js';

const SHAPES: Record<ExportFormat, string> = {
  csv:
    'RFC 4180 with a header row, UTF-8. A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, ' +
    '`@`, a tab or a carriage return) begins with an apostrophe instead. A new column comes at the end.',
  jsonl: 'One JSON object on each line.',
  json: 'One JSON array.',
};

const NAMED = {
  'Content-Disposition': { description: 'the file’s name', schema: { type: 'string' as const } },
};

/**
 * Documents a route that answers with a file of rows.
 * @param summary one line
 * @param format of the file
 * @param described what its rows hold: their columns or fields, by what chooses between them
 */
export function AnswersFile(summary: string, format: ExportFormat, described: Record<string, z.ZodObject>) {
  const [mediaType = ''] = MEDIA_TYPES[format].split(';');
  const fields = Object.entries(described).map(([what, schema]) => `${what}: ${fieldsOf(schema)}.`);
  const description = [
    SHAPES[format],
    ...fields,
    'All rows are of one moment, which is in the file’s name. A connection that is cut means that the file is not whole.',
  ].join('\n\n');
  return applyDecorators(
    ApiBearerAuth(),
    ApiOperation({ summary, description }),
    ApiResponse({
      status: 200,
      description: 'The file',
      headers: NAMED,
      content: {
        [mediaType]: { schema: format === 'json' ? { type: 'array', items: { type: 'object' } } : { type: 'string' } },
      },
    }),
    Refuses(),
  );
}

/**
 * Documents a route that answers with a file that is one JSON document.
 * @param summary one line
 * @param description what a file has that an answer has not
 * @param schema of the document
 */
export function AnswersDocumentFile(summary: string, description: string, schema: z.ZodType) {
  return applyDecorators(
    ApiBearerAuth(),
    ApiOperation({ summary, description }),
    ApiResponse({ status: 200, description: 'The file', headers: NAMED, standardSchema: schema }),
    Refuses(),
  );
}

function fieldsOf(schema: z.ZodObject): string {
  return Object.entries(schema.shape)
    .map(([name, { description }]) => `\`${name}\`${description === undefined ? '' : ` (${description})`}`)
    .join(', ');
}
