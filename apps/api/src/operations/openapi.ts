import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

/** The served `openapi.json`; made once, when all routes are known. */
export class OpenApiDocument {
  document: OpenAPIObject | Record<string, never> = {};
}

/**
 * Makes the API's description from the routes and their zod schemas.
 * @param app with all its controllers
 * @param version of the platform
 */
export function describeApi(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Bylaw')
    .setDescription('Governance for Kubernetes: policy as code, judged in CI, at admission and in the audit alike.')
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: `bylaw_key_…`' })
    .build();
  return SwaggerModule.createDocument(app, config, { standardSchemaConverter: convert });
}

/** Schemas with an `id` in their metadata become components of that name. */
function convert(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) {
  if (!(schema instanceof z.ZodType)) return undefined;
  const {
    $defs,
    $schema: _dialect,
    ...rest
  } = z.toJSONSchema(schema, { io: schemaType, target: 'draft-2020-12', unrepresentable: 'any' });
  return { schema: rest, components: ($defs ?? {}) as Record<string, object> } as never;
}
