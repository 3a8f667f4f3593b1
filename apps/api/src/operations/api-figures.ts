import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '#platform';
import { AgentGateway } from '../agent/agent-gateway.js';
import { EventStreams } from '../events/event-streams.js';
import { ExportSlots } from '../exports/export-slots.js';

/** What is open at this replica of the API. */
@Injectable()
export class ApiFigures implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly agents: AgentGateway,
    private readonly streams: EventStreams,
    private readonly exports: ExportSlots,
  ) {}

  onModuleInit(): void {
    const { metrics, agents, streams, exports } = this;
    metrics.gauge('agents_connected', 'Agents connected here', () => [{ value: agents.connected }]);
    metrics.gauge('event_streams_open', 'Clients that follow events here', () => [{ value: streams.followed }]);
    metrics.gauge('exports_running', 'Exports that are being sent from here', () => [{ value: exports.running }]);
  }
}
