import { createHash } from 'node:crypto';
import { sha256, uuidV7, type Scope } from '#kernel';
import type { Database } from '#platform';
import { insert } from './insert-rows.js';
import { RecordedMoves } from './recorded-moves.js';

/** What the history of an organization is made of. */
export interface HistoryPlan {
  clusters: number;
  namespaces: number;
  objects: number;
  checks: number;
  days: number;
  /** Of the objects, at the start; each of them fails two checks. */
  failing: number;
  /** Of the objects, each day; each of them has one verdict turned. */
  changing: number;
}

interface Cell {
  cluster: number;
  namespace: number;
  check: number;
  since: number;
  pass: number;
  fail: number;
}

interface OpenViolation {
  id: string;
  object: number;
  check: number;
  opened: number;
  since: number;
  version: number;
}

const DAY_MS = 86_400_000;
const COUNTED = ['pass int', 'fail int', 'waived int', 'error int', 'skipped int'];

/** Lives through days of changes in memory, and writes the steps and intervals that runs would have left of them. */
export class RecordedHistory {
  private readonly cells = new Map<string, Cell>();
  private readonly open = new Map<string, OpenViolation>();
  private readonly countSpans: unknown[][] = [];
  private readonly violationSpans: unknown[][] = [];
  private readonly checkMoves = new RecordedMoves<[cluster: string, check: number]>();
  private readonly objectMoves = new RecordedMoves<[cluster: string, namespace: string]>();
  private readonly failuresOf = new Map<number, number>();
  private readonly random: () => number;

  /**
   * @param plan how much
   * @param start milliseconds since 1970
   * @param ids of the clusters, one each
   * @param checkIds numbers of the checks, one each
   */
  constructor(
    private readonly plan: HistoryPlan,
    private readonly start: number,
    private readonly ids: { clusters: readonly string[]; checks: readonly number[] },
  ) {
    this.random = mulberry32(7);
  }

  /** Makes every day up to the last. */
  live(): void {
    const { objects, checks, failing, changing, days } = this.plan;
    for (let object = 0; object < objects; object++)
      for (let check = 0; check < checks; check++) {
        this.cellOf(object, check).pass++;
        this.moveCheck(object, check, this.start, 1, 0);
      }
    for (let object = 0; object < objects; object++) this.moveObject(object, this.start, 1, 0);
    for (let n = 0; n < objects * failing * 2; n++) this.turn(this.pick(objects), this.pick(checks), this.start);
    for (let day = 1; day <= days; day++) {
      const at = this.start + day * DAY_MS;
      const failingNow = [...this.open.values()];
      for (let n = 0; n < objects * changing; n++) this.change(failingNow, at - Math.floor(this.random() * DAY_MS));
      if (day % 7 === 0) this.changePolicy(this.pick(checks), at);
    }
  }

  /**
   * Writes it all.
   * @param database the application's door
   * @param scope whose it is
   */
  async write(database: Database, scope: Scope): Promise<void> {
    const { clusters, checks } = this.ids;
    await insert(database, scope, this.objectRows(), 'app.inventory_object', [
      'object_id uuid',
      'cluster_id uuid',
      'api_group text',
      'kind text',
      'namespace text',
      'name text',
      'api_version text',
      'body_hash bytea',
      'seen_epoch bigint',
      'present_since timestamptz',
    ]);
    // As runs write them: cluster by cluster, its cells in their order.
    const cells = [...this.cells.values()].sort(
      (a, b) =>
        a.cluster - b.cluster ||
        Number(`team-${a.namespace}` > `team-${b.namespace}`) - Number(`team-${a.namespace}` < `team-${b.namespace}`) ||
        a.check - b.check,
    );
    const heads = cells.map(({ cluster, namespace, check, since, pass, fail }) => [
      clusters[cluster],
      `team-${namespace}`,
      checks[check],
      new Date(since),
      pass,
      fail,
      0,
      0,
      0,
    ]);
    const cell = ['cluster_id uuid', 'namespace text', 'check_id int'];
    await insert(database, scope, heads, 'app.compliance_head', [...cell, 'since timestamptz', ...COUNTED]);
    await insert(database, scope, this.countSpans.sort(byTime(4)), 'hist.compliance_span', [
      ...cell,
      'valid_from timestamptz',
      'valid_to timestamptz',
      ...COUNTED,
    ]);
    const objectHeads = this.objectMoves.sums().map(([place, by]) => [...place, new Date(this.start), ...by]);
    await insert(database, scope, objectHeads, 'app.object_count_head', [
      'cluster_id uuid',
      'namespace text',
      'since timestamptz',
      'judged int',
      'failing int',
      'excluded int',
    ]);
    const about = ['violation_id uuid', 'cluster_id uuid', 'object_id uuid', 'check_id int', 'disposition text'];
    await insert(database, scope, this.openRows(), 'app.violation', [
      ...about,
      'fingerprint bytea',
      'policy_version int',
      'findings jsonb',
      'findings_digest bytea',
      'severity smallint',
      'opened_at timestamptz',
      'since timestamptz',
      'resolved_at timestamptz',
      'resolution text',
    ]);
    await insert(database, scope, this.violationSpans.sort(byTime(6)), 'hist.violation_span', [
      ...about,
      'valid_from timestamptz',
      'valid_to timestamptz',
      'resolution text',
      'policy_version int',
      'findings jsonb',
      'opened_at timestamptz',
      'severity smallint',
      'intervals int',
    ]);
  }

  /**
   * Writes what moved, day by day.
   * @param database the application's door
   * @param scope whose it is
   * @param endOfDay called after each
   */
  async writeMoves(database: Database, scope: Scope, endOfDay: () => Promise<unknown>): Promise<void> {
    const [checks, objects] = [this.checkMoves.rowsByDay(DAY_MS), this.objectMoves.rowsByDay(DAY_MS)];
    for (const day of [...new Set([...checks.keys(), ...objects.keys()])].sort((a, b) => a - b)) {
      await insert(database, scope, checks.get(day) ?? [], 'app.compliance_change', [
        'at timestamptz',
        'cluster_id uuid',
        'check_id int',
        ...COUNTED,
      ]);
      await insert(database, scope, objects.get(day) ?? [], 'app.object_count_change', [
        'at timestamptz',
        'cluster_id uuid',
        'namespace text',
        'judged int',
        'failing int',
        'excluded int',
      ]);
      await endOfDay();
    }
  }

  /** As many are mended as broken. */
  private change(failingNow: readonly OpenViolation[], at: number): void {
    const failing = failingNow[this.pick(failingNow.length)];
    if (this.random() < 0.5 && failing !== undefined) this.turn(failing.object, failing.check, at);
    else this.turn(this.pick(this.plan.objects), this.pick(this.plan.checks), at);
  }

  /** One pair passes that failed, or fails that passed. */
  private turn(object: number, check: number, at: number): void {
    const key = `${object}/${check}`;
    const violation = this.open.get(key);
    const cell = this.cellOf(object, check);
    // Changes of one day come in any order here; a step that would end before it began is left out.
    if (cell.since >= at && at !== this.start) return;
    this.closeCell(cell, at);
    const by = violation === undefined ? 1 : -1;
    cell.fail += by;
    cell.pass -= by;
    this.moveCheck(object, check, at, -by, by);
    this.noteFailures(object, at, by);
    if (violation === undefined) {
      this.open.set(key, { id: uuidV7(at), object, check, opened: at, since: at, version: 1 });
      return;
    }
    this.open.delete(key);
    this.closeViolation(violation, at, 'fixed');
    this.resolved.push([violation, at]);
  }

  private readonly resolved: [OpenViolation, number][] = [];

  /** A new version: what fails goes on under it, some of what passed fails now. */
  private changePolicy(check: number, at: number): void {
    for (const violation of this.open.values()) {
      if (violation.check !== check || violation.since >= at) continue;
      this.closeViolation(violation, at, null);
      violation.since = at;
      violation.version++;
    }
    const mended = [...this.open.values()].filter((violation) => violation.check === check);
    for (const { object } of mended.slice(0, mended.length / 2)) this.turn(object, check, at);
    for (let n = 0; n < mended.length / 2; n++) this.turn(this.pick(this.plan.objects), check, at);
  }

  private moveCheck(object: number, check: number, at: number, pass: number, fail: number): void {
    this.checkMoves.add(at, [this.clusterOf(object) ?? '', this.ids.checks[check] ?? 0], [pass, fail, 0, 0, 0]);
  }

  private moveObject(object: number, at: number, judged: number, failing: number): void {
    const place: [string, string] = [this.clusterOf(object) ?? '', `team-${this.namespaceOf(object)}`];
    this.objectMoves.add(at, place, [judged, failing, 0]);
  }

  /** An object fails from its first violation to the end of its last. */
  private noteFailures(object: number, at: number, by: number): void {
    const before = this.failuresOf.get(object) ?? 0;
    this.failuresOf.set(object, before + by);
    if (before > 0 !== before + by > 0) this.moveObject(object, at, 0, by);
  }

  private closeCell(cell: Cell, at: number): void {
    if (cell.since < at) {
      const { cluster, namespace, check, since, pass, fail } = cell;
      const { clusters, checks } = this.ids;
      this.countSpans.push([
        clusters[cluster],
        `team-${namespace}`,
        checks[check],
        new Date(since),
        new Date(at),
        pass,
        fail,
        0,
        0,
        0,
      ]);
    }
    cell.since = at;
  }

  private closeViolation(violation: OpenViolation, at: number, resolution: string | null): void {
    if (violation.since >= at) return;
    const { id, object, check, opened, since, version } = violation;
    this.violationSpans.push([
      id,
      this.clusterOf(object),
      objectIdOf(object),
      this.ids.checks[check],
      'failing',
      new Date(since),
      new Date(at),
      resolution,
      version,
      FINDINGS,
      new Date(opened),
      2,
      1,
    ]);
  }

  private openRows(): unknown[][] {
    const row = (
      { id, object, check, opened, since, version }: OpenViolation,
      resolvedAt: number | null,
    ): unknown[] => [
      id,
      this.clusterOf(object),
      objectIdOf(object),
      this.ids.checks[check],
      'failing',
      sha256(`${object}/${check}`),
      version,
      resolvedAt === null ? FINDINGS : '[]',
      resolvedAt === null ? sha256('findings') : Buffer.alloc(0),
      2,
      new Date(opened),
      new Date(resolvedAt ?? since),
      resolvedAt === null ? null : new Date(resolvedAt),
      resolvedAt === null ? null : 'fixed',
    ];
    const rows = new Map<string, unknown[]>();
    for (const [violation, at] of this.resolved) rows.set(`${violation.object}/${violation.check}`, row(violation, at));
    for (const violation of this.open.values())
      rows.set(`${violation.object}/${violation.check}`, row(violation, null));
    return [...rows.values()].sort(byTime(10));
  }

  private objectRows(): unknown[][] {
    return Array.from({ length: this.plan.objects }, (_, object) => [
      objectIdOf(object),
      this.clusterOf(object),
      'apps',
      'Deployment',
      `team-${this.namespaceOf(object)}`,
      `app-${object}`,
      'apps/v1',
      BODY_HASH,
      1,
      new Date(this.start),
    ]);
  }

  private cellOf(object: number, check: number): Cell {
    const cluster = object % this.plan.clusters;
    const namespace = this.namespaceOf(object);
    const key = `${cluster}/${namespace}/${check}`;
    const found = this.cells.get(key) ?? { cluster, namespace, check, since: this.start, pass: 0, fail: 0 };
    this.cells.set(key, found);
    return found;
  }

  private clusterOf(object: number): string | undefined {
    return this.ids.clusters[object % this.plan.clusters];
  }

  private namespaceOf(object: number): number {
    return Math.floor(object / this.plan.clusters) % this.plan.namespaces;
  }

  private pick(below: number): number {
    return Math.floor(this.random() * below);
  }
}

/** Of the content that all objects of the bench share: bodies are not what is measured. */
export const BODY_HASH = sha256('{}');
const FINDINGS = JSON.stringify([
  {
    path: 'spec.template.spec.containers[0].image',
    found: 'registry.example.com/team/app:latest',
    expected: 'a tag other than latest, or a digest',
    message:
      'Container "app" runs image "registry.example.com/team/app:latest", whose content may change under its name.',
    container: 'app',
  },
]);

/** In the order in which rows were written. */
function byTime(column: number): (a: unknown[], b: unknown[]) => number {
  return (a, b) => (a[column] as Date).getTime() - (b[column] as Date).getTime();
}

function objectIdOf(object: number): string {
  const hex = createHash('md5').update(`object ${object}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** The same numbers each time. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
