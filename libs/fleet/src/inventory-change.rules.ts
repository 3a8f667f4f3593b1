import { canonicalJson, isJsonObject, mendJson, mendText, sha256, type JsonObject } from '#kernel';
import type { InventoryChange } from '#contracts';
import { normalise, objectId, parseGvk, effectiveNamespace, type ObjectIdentity } from '#kube';

/** A change of an agent's, checked and ready to be stored. */
export interface PreparedChange {
  /** Its place in the batch. */
  index: number;
  objectId: string;
  identity: ObjectIdentity;
  apiVersion: string;
  /** Canonical JSON of the normalised object; undefined where the object is gone. */
  body: string | undefined;
  bodyHash: Buffer | null;
  attributes: JsonObject;
  /** The API version in which it was last written, by anyone but writers of its status; null where nobody said so. */
  writtenAs: string | null;
  uid: string | null;
  controllerUid: string | null;
  observedAt: string | null;
}

/** The longest UID that is taken for one: Kubernetes writes 36 characters, and an owner reference may hold anything. */
const UID_LENGTH = 128;

export interface RejectedChange {
  index: number;
  code: string;
  message: string;
}

/**
 * Checks and normalises what an agent sent; the agent is not trusted to have done so (V3). One bad object leaves the
 * others alone, and of two changes of one object the later counts.
 * @param clusterId UUID, the namespace of the objects' ids
 * @param changes as they came
 */
export function prepareChanges(
  clusterId: string,
  changes: readonly InventoryChange[],
): { prepared: PreparedChange[]; rejected: RejectedChange[] } {
  const byObject = new Map<string, PreparedChange>();
  const rejected: RejectedChange[] = [];
  changes.forEach((change, index) => {
    const outcome =
      change.op === 'delete' ? prepareDelete(clusterId, index, change) : prepareUpsert(clusterId, index, change);
    if ('message' in outcome) rejected.push({ index, ...outcome });
    else byObject.set(outcome.objectId, outcome);
  });
  return { prepared: [...byObject.values()], rejected };
}

function prepareDelete(
  clusterId: string,
  index: number,
  change: Extract<InventoryChange, { op: 'delete' }>,
): PreparedChange {
  const gvk = parseGvk(mendText(change.api_version), mendText(change.kind));
  const written = mendText(change.namespace ?? '');
  const { namespace } = effectiveNamespace(gvk, written === '' ? undefined : written);
  const identity: ObjectIdentity = { group: gvk.group, kind: gvk.kind, namespace, name: mendText(change.name) };
  return {
    index,
    objectId: objectId(clusterId, identity),
    identity,
    apiVersion: change.api_version,
    body: undefined,
    bodyHash: null,
    attributes: {},
    writtenAs: null,
    uid: null,
    controllerUid: null,
    observedAt: null,
  };
}

function prepareUpsert(
  clusterId: string,
  index: number,
  change: Extract<InventoryChange, { op: 'upsert' }>,
): PreparedChange | { code: string; message: string } {
  const normalised = normalise(change.object as JsonObject);
  if (!normalised.ok) {
    const places = normalised.problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    return { code: 'invalid_object', message: places.slice(0, 5).join('; ') };
  }
  const { identity } = normalised;
  const body = canonicalJson(normalised.object);
  const attributes = mendJson({
    ...(normalised.attributes as unknown as JsonObject),
    ...((change.attributes ?? {}) as JsonObject),
  });
  return {
    index,
    objectId: objectId(clusterId, identity),
    identity,
    apiVersion: String(normalised.object['apiVersion']),
    body,
    bodyHash: sha256(body),
    attributes,
    writtenAs: writtenAsOf(attributes),
    uid: uidOf(attributes['uid']),
    controllerUid: controllerUidOf(normalised.object),
    observedAt: change.observed_at ?? null,
  };
}

/** An agent may have sent anything as attributes. */
function writtenAsOf({ origin }: JsonObject): string | null {
  const versions = isJsonObject(origin) ? origin['api_versions'] : undefined;
  const newest = Array.isArray(versions) ? versions[0] : undefined;
  return newest === undefined || newest === null || typeof newest === 'object' ? null : String(newest);
}

function controllerUidOf(object: JsonObject): string | null {
  const metadata = object['metadata'] as JsonObject | undefined;
  const owners = metadata?.['ownerReferences'];
  if (!Array.isArray(owners)) return null;
  const controller = owners.find((owner) => (owner as JsonObject)['controller'] === true) as JsonObject | undefined;
  return uidOf(controller?.['uid']);
}

function uidOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= UID_LENGTH ? value : null;
}
