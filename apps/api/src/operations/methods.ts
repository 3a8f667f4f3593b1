import type { NextFunction, Request, Response } from 'express';
import { AppError } from '#kernel';
import type { OpenApiDocument } from './openapi.js';

interface KnownPath {
  pattern: RegExp;
  methods: string[];
}

/**
 * Tells a method that a path does not have from a path that is not there: 405 with `Allow` (RFC 9110 §15.5.6).
 * @param openapi what is served; read when the first request comes, since routes are known only then
 */
export function refuseOtherMethods(openapi: OpenApiDocument) {
  let known: KnownPath[] | undefined;
  return (request: Request, response: Response, next: NextFunction): void => {
    known ??= knownPaths(openapi);
    const methods = known.filter(({ pattern }) => pattern.test(request.path)).flatMap((path) => path.methods);
    if (methods.length === 0 || methods.includes(request.method)) return next();
    const allowed = methods.sort().join(', ');
    response.setHeader('Allow', allowed);
    next(new AppError('method_not_allowed', `${request.path} takes ${allowed}, not ${request.method}.`));
  };
}

function knownPaths({ document }: OpenApiDocument): KnownPath[] {
  const paths: Record<string, object> = 'paths' in document ? document.paths : {};
  return Object.entries(paths).map(([path, operations]) => {
    const methods = Object.keys(operations).map((method) => method.toUpperCase());
    return {
      // As Express matches: whatever the case, with a slash at the end or without.
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
      methods: methods.includes('GET') ? [...methods, 'HEAD'] : methods,
    };
  });
}
