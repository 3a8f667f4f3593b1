import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { asPod, NaiveModel, type NaiveObject } from './naive-model.js';

/** Where a platform runs that is to be killed. */
export interface FaultGround {
  /** Absolute path of a folder. */
  readonly root: string;
  /** Writes a file below the folder. */
  write(path: string, text: string): string;
  /** A connection that sees every row. */
  databaseUrl(): string;
}

/** What there should be, or what there is. */
export interface ClusterTruth {
  failing: string[];
  /** How often each violation has opened. */
  intervals: Record<string, number>;
  counts: Record<string, { pass: number; fail: number }>;
  /** How many contents of each object have ended. */
  revisions: Record<string, number>;
  /** Rows that contradict each other, or work that is left. */
  wrong: string[];
}

/** A folder of many manifests that changes while the platform is killed, with a naive model of what that should come to. */
export class FaultyCluster {
  private readonly model = new NaiveModel();
  private readonly present = new Map<string, NaiveObject>();
  private readonly revisions = new Map<string, number>();

  constructor(
    private readonly folder: FaultGround,
    readonly name: string,
  ) {}

  get manifests(): string {
    return join(this.folder.root, this.name);
  }

  /** Writes an object's file. */
  put(object: NaiveObject): void {
    const key = keyOf(object);
    const before = this.present.get(key);
    if (before !== undefined && before.image !== object.image) this.endRevision(key);
    this.present.set(key, object);
    this.model.put(object);
    this.folder.write(join(this.name, `${key}.json`), JSON.stringify(asPod(object)));
  }

  /** Removes an object's file. */
  remove(object: NaiveObject): void {
    const key = keyOf(object);
    if (this.present.delete(key)) this.endRevision(key);
    this.model.remove(object);
    rmSync(join(this.manifests, `${key}.json`), { force: true });
  }

  has(object: NaiveObject): boolean {
    return this.present.has(keyOf(object));
  }

  /** Everything that was written so far is to be judged by now. */
  judge(): void {
    this.model.judge();
  }

  expected(): ClusterTruth {
    return {
      failing: this.model.failing(),
      intervals: this.model.intervals(),
      counts: this.model.counts(),
      revisions: Object.fromEntries([...this.revisions].sort()),
      wrong: [],
    };
  }

  /** @returns the same as the database has it */
  async seen(): Promise<ClusterTruth> {
    const client = new pg.Client({ connectionString: this.folder.databaseUrl() });
    await client.connect();
    try {
      const violations = await client.query<{ key: string; intervals: number; open: boolean; closed: number }>(
        VIOLATIONS,
      );
      const counts = await client.query<{ namespace: string; pass: number; fail: number }>(COUNTS);
      const revisions = await client.query<{ key: string; ended: number }>(REVISIONS);
      const contradictions = await client.query<{ what: string }>(CONTRADICTIONS);
      return {
        failing: violations.rows.filter(({ open }) => open).map(({ key }) => key),
        intervals: Object.fromEntries(violations.rows.map(({ key, intervals }) => [key, intervals])),
        counts: Object.fromEntries(counts.rows.map(({ namespace, pass, fail }) => [namespace, { pass, fail }])),
        revisions: Object.fromEntries(revisions.rows.map(({ key, ended }) => [key, ended])),
        wrong: [
          ...contradictions.rows.map(({ what }) => what),
          ...violations.rows
            .filter(({ intervals, open, closed }) => closed !== intervals - (open ? 1 : 0))
            .map(({ key, closed }) => `${key} has ${closed} closed intervals`),
        ],
      };
    } finally {
      await client.end();
    }
  }

  private endRevision(key: string): void {
    this.revisions.set(key, (this.revisions.get(key) ?? 0) + 1);
  }
}

const OF_POLICY = `join app.check_def d on d.org_id = x.org_id and d.check_id = x.check_id
  join app.policy p on p.org_id = d.org_id and p.policy_id = d.policy_id and p.slug = 'no-latest-tag'`;
const VIOLATIONS = `select o.namespace || '/' || o.name as key, x.intervals, x.resolved_at is null as open,
    (select count(*)::int from hist.violation_span s where s.org_id = x.org_id and s.violation_id = x.violation_id and s.resolution is not null) as closed
  from app.violation x join app.inventory_object o on o.org_id = x.org_id and o.object_id = x.object_id ${OF_POLICY}
  order by (o.namespace || '/' || o.name) collate "C"`;
const COUNTS = `select x.namespace, x.pass, x.fail from app.compliance_head x ${OF_POLICY} where x.pass + x.fail > 0 order by 1`;
const REVISIONS = `select o.namespace || '/' || o.name as key, count(*)::int as ended
  from hist.object_revision r join app.inventory_object o on o.org_id = r.org_id and o.object_id = r.object_id
  group by 1 order by 1`;
/** A line for each contradiction, whatever the policy: intervals that overlap, counts with a gap, work that is left. */
const CONTRADICTIONS = `
  select 'work is left' as what where exists (select 1 from app.run where status in ('waiting', 'running'))
    or exists (select 1 from app.outbox where dispatched_at is null)
  union all select 'a run failed: ' || error from app.run where status = 'failed'
  union all select distinct 'intervals of a violation overlap' from hist.violation_span a join hist.violation_span b
    on a.org_id = b.org_id and a.violation_id = b.violation_id and a.valid_from < b.valid_from and b.valid_from < a.valid_to
  union all select distinct 'contents of an object overlap' from hist.object_revision a join hist.object_revision b
    on a.org_id = b.org_id and a.object_id = b.object_id and a.valid_from < b.valid_from and b.valid_from < a.valid_to
  union all select distinct 'a count has a gap' from (
    select valid_to, coalesce(lead(valid_from) over (partition by s.org_id, s.cluster_id, s.namespace, s.check_id order by valid_from), h.since) as next
    from hist.compliance_span s join app.compliance_head h using (org_id, cluster_id, namespace, check_id)) as steps where valid_to <> next
  union all select 'counts of ' || c.namespace || ' say ' || c.fail || ' fail, open violations say ' || o.open
    from app.compliance_head c, lateral (select count(*) as open from app.violation v
      join app.inventory_object i on i.org_id = v.org_id and i.object_id = v.object_id
      where v.org_id = c.org_id and v.check_id = c.check_id and i.namespace = c.namespace and v.resolved_at is null) o
    where c.fail <> o.open
  union all select distinct 'what moved does not sum up to what is counted' from (
    select org_id, cluster_id, check_id, sum(pass) as pass, sum(fail) as fail from (
      select org_id, cluster_id, check_id, pass, fail from app.compliance_head
      union all select org_id, cluster_id, check_id, -pass, -fail from app.compliance_change) as sides group by 1, 2, 3) as sums
    where (pass <> 0 or fail <> 0) and not exists (select 1 from hist.compliance_day)
  union all select distinct 'a verdict is kept of an object that is gone' from app.object_evaluation e
    join app.inventory_object o using (org_id, object_id) where o.body_hash is null`;

function keyOf({ namespace, name }: NaiveObject): string {
  return `${namespace}/${name}`;
}
