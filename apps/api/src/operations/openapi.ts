import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { importPoliciesSchema, postedSpecsSchema, problemSchema } from '#contracts';

/** The served `openapi.json`; made once, when all routes are known. */
export class OpenApiDocument {
  document: OpenAPIObject | Record<string, never> = {};
}

/** Routes name these by reference; all others come into the description with the routes that take or give them. */
const REFERRED_TO = [problemSchema, postedSpecsSchema, importPoliciesSchema];

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
    .addBearerAuth({ type: 'http', bearerFormat: 'bylaw_key_…', description: 'An API key' })
    .addBearerAuth(
      { type: 'http', bearerFormat: 'bylaw_agent_…', description: 'What an agent was enrolled with' },
      'agent',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, { standardSchemaConverter: convert });
  const schemas = Object.assign({}, document.components?.schemas, ...REFERRED_TO.map(componentsOf)) as object;
  makeBodiesOptional(document);
  return { ...document, components: { ...document.components, schemas } } as OpenAPIObject;
}

/** A body whose schema has a default need not be sent. */
function makeBodiesOptional({ paths }: OpenAPIObject): void {
  for (const { requestBody } of Object.values(paths)
    .flatMap((item) => [item.post, item.put, item.patch])
    .filter((operation) => operation !== undefined)) {
    if (requestBody === undefined || !('content' in requestBody)) continue;
    const schema = requestBody.content['application/json']?.schema;
    if (schema !== undefined && 'default' in schema) requestBody.required = false;
  }
}

/** Schemas with an `id` in their metadata become components of that name. */
function convert(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $defs, $schema: _dialect, ...rest } = jsonSchemaOf(schema, schemaType);
  return { schema: rest, components: ($defs ?? {}) as Record<string, object> } as never;
}

function componentsOf(schema: z.ZodType): object {
  return jsonSchemaOf(schema, 'input').$defs ?? {};
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output') {
  return z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
}
