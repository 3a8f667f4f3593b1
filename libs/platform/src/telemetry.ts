import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The figures of one process, as Prometheus reads them. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new Histogram({
    name: 'bylaw_http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
    registers: [this.registry],
  });
  readonly runs = new Histogram({
    name: 'bylaw_run_duration_seconds',
    help: 'Time from taking a run to its end',
    buckets: [0.05, 0.2, 0.5, 1, 3, 10, 30, 100],
    registers: [this.registry],
  });
  readonly judged = new Counter({
    name: 'bylaw_objects_judged_total',
    help: 'Objects that runs looked at, by whether their verdicts were kept from before',
    labelNames: ['reused'],
    registers: [this.registry],
  });
  readonly events = new Counter({
    name: 'bylaw_events_delivered_total',
    help: 'Outbox events delivered',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
