import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import type { Scope } from '#kernel';
import {
  checkAnswerSchema,
  checkPolicySchema,
  evaluateAnswerSchema,
  evaluatePolicySchema,
  policyTestSchema,
  proofSchema,
  provePolicySchema,
  testPolicySchema,
  type CheckAnswer,
  type CheckPolicy,
  type EvaluateAnswer,
  type EvaluatePolicy,
  type PolicyTestShape,
  type ProofShape,
  type ProvePolicy,
  type TestPolicy,
} from '#contracts';
import { AuthoringService, PolicyTests } from '#policies';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/policies')
@UseGuards(ApiKeyGuard)
@RequireScope('admin')
export class AuthoringController {
  constructor(
    private readonly authoring: AuthoringService,
    private readonly tests: PolicyTests,
  ) {}

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

  @Post(':id/test')
  @HttpCode(200)
  @Answers('Run the tests and cases of a policy, and what they cover', 200, policyTestSchema)
  test(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: testPolicySchema }) request: TestPolicy,
  ): Promise<PolicyTestShape> {
    return this.tests.run(scope, id, request);
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
