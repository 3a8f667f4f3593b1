import { Body, Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import {
  AGENT_HEARTBEAT_SECONDS,
  enrollRequestSchema,
  enrollResponseSchema,
  heartbeatAckSchema,
  heartbeatSchema,
  inventoryAckSchema,
  inventoryBatchSchema,
  type EnrollRequest,
  type EnrollResponse,
  type Heartbeat,
  type HeartbeatAck,
  type InventoryAck,
  type InventoryBatch,
} from '#contracts';
import { EnrollmentService, InventoryService, type AgentPrincipal } from '#fleet';
import { publicId } from '#kernel';
import { Answers } from '../answers.js';
import { AgentGuard } from '../auth/agent.guard.js';
import { RequestAgent, type AuthenticatedRequest } from '../auth/principal.js';
import { Admission } from '../limits/admission.js';

@Controller('agent/v1')
export class AgentController {
  constructor(
    private readonly enrollment: EnrollmentService,
    private readonly inventory: InventoryService,
    private readonly admission: Admission,
  ) {}

  @Post('enroll')
  @HttpCode(200)
  @Answers('Turn an enrolment token into an agent’s credential', 200, enrollResponseSchema, 'none')
  async enroll(
    @Req() request: AuthenticatedRequest,
    @Body({ schema: enrollRequestSchema }) wanted: EnrollRequest,
  ): Promise<EnrollResponse> {
    const enroll = () => this.enrollment.enroll(wanted);
    const { clusterId, clusterName, credential } = await this.admission.authenticate(
      'enrollment',
      request,
      enroll,
      wanted.token,
    );
    return {
      cluster_id: publicId('cluster', clusterId),
      cluster_name: clusterName,
      credential,
      heartbeat_seconds: AGENT_HEARTBEAT_SECONDS,
    };
  }

  @Post('inventory')
  @HttpCode(200)
  @UseGuards(AgentGuard)
  @Answers('Tell what came, changed or went; may be sent twice', 200, inventoryAckSchema, 'agent')
  apply(
    @RequestAgent() agent: AgentPrincipal,
    @Body({ schema: inventoryBatchSchema }) batch: InventoryBatch,
  ): Promise<InventoryAck> {
    return this.inventory.apply(agent, batch);
  }

  @Post('heartbeat')
  @HttpCode(200)
  @UseGuards(AgentGuard)
  @Answers('A sign of life, with the digest of what the agent holds', 200, heartbeatAckSchema, 'agent')
  heartbeat(
    @RequestAgent() agent: AgentPrincipal,
    @Body({ schema: heartbeatSchema }) beat: Heartbeat,
  ): Promise<HeartbeatAck> {
    return this.inventory.heartbeat(agent, beat);
  }
}
