import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import type { Scope } from '#kernel';
import {
  checkAnswerSchema,
  checkPolicySchema,
  evaluateAnswerSchema,
  evaluatePolicySchema,
  proofSchema,
  provePolicySchema,
  type CheckAnswer,
  type CheckPolicy,
  type EvaluateAnswer,
  type EvaluatePolicy,
  type ProofShape,
  type ProvePolicy,
} from '#contracts';
import { AuthoringService } from '#policies';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/policies')
@UseGuards(ApiKeyGuard)
@RequireScope('admin')
export class AuthoringController {
  constructor(private readonly authoring: AuthoringService) {}

  @Post('check')
  @HttpCode(200)
  @Answers('Every error of a policy, at its row and column', 200, checkAnswerSchema)
  check(@RequestScope() scope: Scope, @Body({ schema: checkPolicySchema }) request: CheckPolicy): Promise<CheckAnswer> {
    return this.authoring.check(scope, request);
  }

  @Post('evaluate')
  @HttpCode(200)
  @Answers('Judge one object by one policy, and say why', 200, evaluateAnswerSchema)
  evaluate(
    @RequestScope() scope: Scope,
    @Body({ schema: evaluatePolicySchema }) request: EvaluatePolicy,
  ): Promise<EvaluateAnswer> {
    return this.authoring.evaluate(scope, request);
  }

  @Post(':id/prove')
  @HttpCode(200)
  @Answers('Where a policy can never fire', 200, proofSchema)
  prove(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: provePolicySchema }) request: ProvePolicy,
  ): Promise<ProofShape> {
    return this.authoring.prove(scope, id, request);
  }
}
