import { z } from 'zod';

/** Of answers that hold a secret: repeated by their `Idempotency-Key`, they come without it and say so. */
export const secretShown = {
  secret_shown: z.literal(true).optional().describe('the secret was in the first answer alone; this one repeats it'),
};
