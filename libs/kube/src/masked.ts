import { isJsonObject, type Json, type JsonObject } from '#kernel';

/** What found a value to be secret; policies see it as `{"$masked": detector}` in the value's place. */
export const DETECTORS = [
  'secret',
  'secret-name',
  'secret-flag',
  'private-key',
  'aws-access-key',
  'github-token',
  'gitlab-token',
  'slack-token',
  'jwt',
  'url-password',
] as const;

export type Detector = (typeof DETECTORS)[number];

const MASK_KEY = '$masked';

/** @returns what stands in a masked value's place */
export function maskedValue(detector: Detector): JsonObject {
  return { [MASK_KEY]: detector };
}

/**
 * @param value any JSON value
 * @returns whether it stands for a masked one
 */
export function isMaskedValue(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false;
  const [key, ...others] = Object.keys(value);
  return (
    key === MASK_KEY && others.length === 0 && (DETECTORS as readonly (Json | undefined)[]).includes(value[MASK_KEY])
  );
}
