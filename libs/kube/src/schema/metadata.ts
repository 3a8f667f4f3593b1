import { any, boolean, fields, int64, list, map, object, string, text } from './shape.js';

const ownerReference = object({
  ...fields(string, 'apiVersion kind name uid'),
  ...fields(boolean, 'controller blockOwnerDeletion'),
});

/** ObjectMeta of meta/v1. */
export const metadata = object({
  ...fields(string, 'name generateName namespace uid resourceVersion selfLink creationTimestamp deletionTimestamp'),
  generation: int64,
  deletionGracePeriodSeconds: int64,
  labels: map(string),
  annotations: map(text),
  finalizers: list(string),
  ownerReferences: list(ownerReference),
  managedFields: list(
    object({ ...fields(string, 'manager operation apiVersion time fieldsType subresource'), fieldsV1: any }),
  ),
});

/** LabelSelector of meta/v1. */
export const labelSelector = object({
  matchLabels: map(string),
  matchExpressions: list(object({ ...fields(string, 'key operator'), values: list(string) })),
});

export const localReference = object({ name: string });
