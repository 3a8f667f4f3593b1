import { Injectable } from '@nestjs/common';
import { parsePublicId, publicId, severityOfRank, type Chunk, type Scope } from '#kernel';
import type { ExportViolations, ViolationIntervalShape, ViolationShape } from '#contracts';
import { loadBindings } from '#enforcement';
import { Database, type ReadTx } from '#platform';
import { intervalsQuery, violationsQuery, type IntervalRow, type ViolationRow } from './violations.query.js';
import { aboutRows, findingsOf, momentOf, violationShape } from './violations.read-model.js';

/** Violations without end of page: as they are, or as they were from interval to interval. */
@Injectable()
export class ViolationsExportReadModel {
  constructor(private readonly database: Database) {}

  /**
   * @param scope who asks
   * @param query filters; without any, those open and failing, as in the list
   * @param signal ends it
   * @returns what the list would show on all its pages at one moment
   */
  violations(scope: Scope, query: ExportViolations, signal: AbortSignal): AsyncIterable<Chunk<ViolationShape>> {
    return this.database.stream(scope, signal, async function* (tx) {
      const at = momentOf(query, tx.now);
      const filters = violationsQuery(scope.orgId, query, clusterOf(query), at ?? tx.now);
      const bindings = await loadBindings(tx, 'inventory');
      for await (const rows of tx.chunks<ViolationRow>(filters.sql, filters.parameters)) {
        const about = await aboutRows(tx, bindings, rows, at);
        yield { at: tx.now, items: rows.map((row) => violationShape(row, about)) };
      }
    });
  }

  /**
   * @param scope who asks
   * @param query filters; without any, all intervals
   * @param signal ends it
   * @returns every interval, by violation and time
   */
  intervals(scope: Scope, query: ExportViolations, signal: AbortSignal): AsyncIterable<Chunk<ViolationIntervalShape>> {
    return this.database.stream(scope, signal, (tx) => intervals(tx, query));
  }
}

async function* intervals(tx: ReadTx, query: ExportViolations): AsyncGenerator<Chunk<ViolationIntervalShape>> {
  const { sql, parameters } = intervalsQuery(tx.scope.orgId, query, clusterOf(query), tx.now);
  for await (const rows of tx.chunks<IntervalRow>(sql, parameters))
    yield { at: tx.now, items: rows.map(intervalShape) };
}

/** @returns the cluster that is asked for; of an id that is none, one that nobody has */
function clusterOf({ cluster_id: id }: ExportViolations): string | undefined {
  return id === undefined ? undefined : (parsePublicId('cluster', id) ?? NOBODY);
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

function intervalShape(row: IntervalRow): ViolationIntervalShape {
  return {
    violation_id: publicId('violation', row.violation_id),
    fingerprint: row.fingerprint.toString('hex'),
    valid_from: row.valid_from.toISOString(),
    valid_to: row.valid_to?.toISOString() ?? null,
    disposition: row.disposition,
    resolution: row.resolution as ViolationIntervalShape['resolution'],
    policy: { id: publicId('policy', row.policy_id), slug: row.slug, title: row.title, version: row.policy_version },
    instance: row.instance,
    severity: severityOfRank(row.severity),
    category: row.category as ViolationIntervalShape['category'],
    cluster: { id: publicId('cluster', row.cluster_id), name: row.cluster_name },
    object: {
      id: publicId('object', row.object_id),
      api_version: row.api_version,
      kind: row.kind,
      namespace: row.namespace,
      name: row.name,
    },
    findings: findingsOf(row.findings),
    waiver_id: row.waiver_id === null ? null : publicId('waiver', row.waiver_id),
  };
}
