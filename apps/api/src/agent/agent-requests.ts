import type { NextFunction, Request, Response } from 'express';
import { AppError } from '#kernel';
import { sendProblem, type IdentifiedRequest } from '#platform';
import { ArrivalLine } from './arrival-line.js';

/** Some more than there are connections to the database. */
const AT_ONCE = 16;
const IN_LINE = 1_000;
/** An agent waits a minute for an answer. */
const IN_LINE_MS = 20_000;

/**
 * Agents' requests wait in line before their bodies are read: what a whole fleet sends at once fits no memory.
 * @returns a middleware for the agents' routes
 */
export function lineUpAgents(): (request: Request, response: Response, next: NextFunction) => void {
  const line = new ArrivalLine({ atOnce: AT_ONCE, places: IN_LINE, withinMs: IN_LINE_MS });
  return (request, response, next) =>
    line.enter(
      async () => {
        if (response.destroyed) return;
        const answered = new Promise<void>((resolve) => response.once('close', resolve));
        next();
        await answered;
      },
      (retryAfter) => {
        const busy = new AppError('unavailable', `Many agents are here at once: try again in ${retryAfter} s.`, {
          retryAfter,
        });
        sendProblem(busy, request as IdentifiedRequest, response);
      },
    );
}
