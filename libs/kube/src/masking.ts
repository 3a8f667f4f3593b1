import { createHmac } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject, setKey } from '#kernel';
import {
  isHarmlessValue,
  isSecretName,
  isUnmistakable,
  secretsInArgument,
  secretsInText,
  withoutSecrets,
  type Finding,
} from './detectors.js';
import { isMaskedValue, maskedValue, type Detector } from './masked.js';
import { formatPath } from './path.js';
import type { TextPlace } from './schema/texts.js';

/** A value that was taken out of an object. */
export interface MaskedAttribute {
  path: string;
  detector: Detector;
  /** HMAC-SHA-256 of the value, hexadecimal, where the caller gave a key; a Secret's `data` as decoded. */
  hmac?: string;
}

/** Shorter ones stand in too many texts that mean something else. */
const MIN_COPY_LENGTH = 8;
/** So many secrets of one object are looked for in its other texts. */
const MAX_COPIES = 1000;

/** Fields whose strings say what an object is: never searched. */
const IDENTITY_PATHS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.generateName',
]);

type Kind = 'Secret' | 'ConfigMap' | 'other';

function siblingOf(place: TextPlace, key: string): string | undefined {
  const { parent } = place;
  const value = Array.isArray(parent) ? undefined : parent[key];
  return typeof value === 'string' ? value : undefined;
}

/** The item before, where the place is one of a list of arguments. */
function itemBefore(place: TextPlace): string | undefined {
  const index = place.path.at(-1);
  if (!Array.isArray(place.parent) || typeof index !== 'number') return undefined;
  const before = place.parent[index - 1];
  return typeof before === 'string' ? before : undefined;
}

function namedSecret(name: string | undefined, value: string): Finding[] {
  if (name === undefined || !isSecretName(name) || isHarmlessValue(value) || value.trim().includes('\n')) return [];
  return [{ detector: 'secret-name', plain: value }];
}

function plainsOfSecret(place: TextPlace): Finding[] {
  const decoded = place.path[0] === 'data' ? [Buffer.from(place.value, 'base64').toString('utf8')] : [];
  return [place.value, ...decoded]
    .filter((plain) => !plain.includes('\ufffd'))
    .map((plain): Finding => ({ detector: 'secret', plain }));
}

/** What of one text is secret; the first finding names the detector. */
function findingsAt(place: TextPlace, kind: Kind): Finding[] {
  const { value, path } = place;
  if (kind === 'Secret' && (path[0] === 'data' || path[0] === 'stringData')) return plainsOfSecret(place);
  const byContent = secretsInText(value);
  if (path.includes('annotations')) return byContent;
  if (kind === 'ConfigMap') return [...byContent, ...namedSecret(String(path.at(-1)), value)];
  if (Array.isArray(place.parent)) return [...byContent, ...secretsInArgument(value, itemBefore(place))];
  return [...byContent, ...namedSecret(siblingOf(place, 'name'), value)];
}

function hmacOf(place: TextPlace, kind: Kind, key: Uint8Array): string {
  const encoded = kind === 'Secret' && place.path[0] === 'data';
  return createHmac('sha256', key)
    .update(encoded ? Buffer.from(place.value, 'base64') : place.value)
    .digest('hex');
}

function put({ parent, path }: TextPlace, value: Json): void {
  const key = path.at(-1);
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else setKey(parent, String(key), value);
}

function copyIn(text: string, secrets: readonly Finding[]): Finding | undefined {
  return secrets.find(({ plain }) => text.includes(plain));
}

/** The places that are secret themselves, then those that hold a copy of such a secret. */
function secretPlaces(
  places: readonly TextPlace[],
  kind: Kind,
): { masked: Map<TextPlace, Detector>; secrets: Finding[] } {
  const masked = new Map<TextPlace, Detector>();
  const secrets = new Map<string, Finding>();
  for (const place of places) {
    const findings = findingsAt(place, kind);
    const [first] = findings;
    if (first) masked.set(place, first.detector);
    for (const finding of findings) if (finding.plain.length >= MIN_COPY_LENGTH) secrets.set(finding.plain, finding);
  }
  const searched = [...secrets.values()].slice(0, MAX_COPIES);
  for (const place of places) {
    const copy = masked.has(place) ? undefined : copyIn(place.value, searched);
    if (copy) masked.set(place, copy.detector);
  }
  return { masked, secrets: searched };
}

/** Replaces what is left of secrets in every other string, within the string, so that its type stays. */
function sweep(value: Json, path: string, clean: (text: string) => string): Json {
  if (typeof value === 'string') return IDENTITY_PATHS.has(path) ? value : clean(value);
  if (isMaskedValue(value)) return value;
  if (Array.isArray(value)) {
    value.forEach((item, index) => (value[index] = sweep(item, `${path}[]`, clean)));
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      setKey(value, key, sweep(item, path === '' ? key : `${path}.${key}`, clean));
    }
  }
  return value;
}

/**
 * Takes secret values out of an object, in place. Strings in which people put secrets (values of Secrets and ConfigMaps,
 * environment, commands, annotations) become `{"$masked": detector}` as a whole; in any other string the secret alone is
 * replaced. What was masked in one place is also taken out of the others: texts that hold it, if it has 8 characters, and
 * other strings, if it can't be a word.
 * @param object to be changed; the caller's own copy
 * @param places its texts
 * @param hmacKey a key that never leaves the cluster; absent, no HMACs are made
 * @returns what was masked, in the order of the object's fields
 */
export function maskSecrets(object: JsonObject, places: readonly TextPlace[], hmacKey?: Uint8Array): MaskedAttribute[] {
  const kind =
    object['apiVersion'] === 'v1' && (object['kind'] === 'Secret' || object['kind'] === 'ConfigMap')
      ? object['kind']
      : 'other';
  const { masked, secrets } = secretPlaces(places, kind);
  const attributes = [...masked].map(([place, detector]): MaskedAttribute => {
    put(place, maskedValue(detector));
    return { path: formatPath(place.path), detector, ...(hmacKey && { hmac: hmacOf(place, kind, hmacKey) }) };
  });
  const everywhere = secrets.filter(({ plain }) => isUnmistakable(plain));
  sweep(object, '', (text) =>
    everywhere.reduce(
      (rest, { plain, detector }) => rest.replaceAll(plain, `[masked: ${detector}]`),
      withoutSecrets(text),
    ),
  );
  return attributes;
}
