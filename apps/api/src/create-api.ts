import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { json, raw, text, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { BODY_BYTES_MAX, HOOK_BYTES_MAX } from '#contracts';
import { AppError, isDeeperThan, jsonPointer, UNSTORABLE, unstorableAt } from '#kernel';
import { bodyProblem, Metrics, NestLogger, type IdentifiedRequest, type PlatformOptions } from '#platform';
import { AgentGateway } from './agent/agent-gateway.js';
import { lineUpAgents } from './agent/agent-requests.js';
import { ApiModule } from './api.module.js';
import { refuseBrokenRequests } from './operations/broken-requests.js';
import { Draining } from './operations/draining.js';
import { markUnreadBody, noteBodyBytes } from './operations/body-bytes.js';
import { limitBody } from './operations/body-limit.js';
import { measureRequests } from './operations/measured-requests.js';
import { refuseOtherMethods } from './operations/methods.js';
import { describeApi, OpenApiDocument } from './operations/openapi.js';

const MEBIBYTE = 1024 * 1024;
/** Connections that the kernel keeps until they are accepted: a fleet that comes back opens thousands in a second. */
const BACKLOG = 4_096;
const KEEP_ALIVE_MS = 75_000;
/** Where many objects come in one body. */
const IMPORT = '/api/v1/policies/import';
const LARGE_BODIES = ['/api/v1/validate', '/agent/v1/inventory', IMPORT];
/** Read as they are: a signature is over bytes. */
const HOOKS = '/api/v1/hooks';
/** Read as they are: what is in them is the importer's to say. */
const BYTES = ['application/zip', 'application/x-zip-compressed', 'multipart/form-data'];
const LARGE_LIMIT = BODY_BYTES_MAX;
const SMALL_LIMIT = MEBIBYTE;
/** An envelope around objects that are a hundred levels deep; nothing recursive runs on more. */
const DEPTH_LIMIT = 120;
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'application/vnd.yaml'];

/**
 * Makes the HTTP application, not listening yet.
 * @param options database, queues, logger
 * @param version of the platform
 * @param besides modules that run in the same process: the worker's, where one process is all there is
 */
export async function createApi(
  options: PlatformOptions,
  version: string,
  besides: Type[] = [],
): Promise<NestExpressApplication> {
  const { logger } = options;
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.forRoot(options, besides), {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  app.disable('x-powered-by');
  // An ETag is a revision here, and stands where there is one.
  app.disable('etag');
  app.set('query parser', 'simple');
  if (options.trustProxy !== undefined) app.set('trust proxy', options.trustProxy);
  app.use(measureRequests(logger, app.get(Metrics)));
  app.use(helmet());
  app.use(refuseOtherMethods(app.get(OpenApiDocument)));
  app.use('/agent/v1', lineUpAgents());
  // From here on bodies flow: whoever waits, waits before.
  app.use(limitBody(limitOf));
  const parsing = { strict: false, verify: noteBodyBytes };
  for (const path of LARGE_BODIES)
    app.use(
      path,
      json({ ...parsing, limit: LARGE_LIMIT }),
      text({ verify: noteBodyBytes, limit: LARGE_LIMIT, type: YAML_TYPES }),
    );
  app.use(IMPORT, raw({ verify: noteBodyBytes, limit: LARGE_LIMIT, type: BYTES }));
  app.use(HOOKS, raw({ verify: noteBodyBytes, limit: HOOK_BYTES_MAX, type: () => true, inflate: false }));
  app.use(json({ ...parsing, limit: SMALL_LIMIT }));
  app.use(refuseBrokenBodies);
  app.use(refuseDeepBodies);
  app.use(refuseBrokenTexts);
  app.use(markUnreadBody);
  await app.init();
  // Longer than any proxy or client keeps a connection that is not used: whoever closes it, it is not us in mid-request.
  app.getHttpServer().keepAliveTimeout = KEEP_ALIVE_MS;
  app.get(Draining).attach(app.getHttpServer());
  refuseBrokenRequests(app.getHttpServer());
  app.get(AgentGateway).attach(app.getHttpServer());
  app.get(OpenApiDocument).document = describeApi(app, version);
  return app;
}

/**
 * Begins to listen.
 * @param app as it was made
 * @param port 0 takes a free one
 */
export async function listen(app: NestExpressApplication, port: number): Promise<void> {
  // Nest hands to Node what Node takes, and knows the type of less.
  await app.listen({ port, backlog: BACKLOG } as unknown as number);
}

function limitOf({ path }: Request): number {
  const lower = path.toLowerCase();
  if (lower.startsWith(HOOKS)) return HOOK_BYTES_MAX;
  return LARGE_BODIES.some((large) => lower.startsWith(large)) ? LARGE_LIMIT : SMALL_LIMIT;
}

/** Express tells an error handler by its four parameters. */
function refuseBrokenBodies(error: unknown, _request: IdentifiedRequest, response: Response, next: NextFunction): void {
  // Refused at its limit already; the parser says so too once the rest of the body has ended.
  if (response.headersSent) return;
  next(bodyProblem(error) ?? error);
}

function refuseDeepBodies(request: IdentifiedRequest, _response: Response, next: NextFunction): void {
  const tooDeep = !Buffer.isBuffer(request.body) && isDeeperThan(request.body, DEPTH_LIMIT);
  next(
    tooDeep
      ? new AppError(
          'invalid_body',
          `The body is nested deeper than ${DEPTH_LIMIT} levels; Kubernetes objects are not.`,
        )
      : undefined,
  );
}

/** Where objects of others come, they are mended when they are normalised: one of them must not refuse all. */
function refuseBrokenTexts(request: IdentifiedRequest, _response: Response, next: NextFunction): void {
  const unread = LARGE_BODIES.includes(request.path) || Buffer.isBuffer(request.body);
  const broken = unread ? undefined : unstorableAt(request.body);
  if (broken === undefined) return next();
  const place = { pointer: jsonPointer(broken), detail: UNSTORABLE };
  next(new AppError('invalid_body', `${place.pointer}: ${UNSTORABLE}`, { errors: [place] }));
}
