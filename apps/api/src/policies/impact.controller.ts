import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import type { Scope } from '#kernel';
import {
  backtestPolicySchema,
  policyBacktestSchema,
  policyPreviewSchema,
  previewPolicySchema,
  type BacktestPolicy,
  type PolicyBacktest,
  type PolicyPreview,
  type PreviewPolicy,
} from '#contracts';
import { PolicyImpact } from '#evaluation';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestScope, RequireScope } from '../auth/principal.js';

@Controller('api/v1/policies')
@UseGuards(ApiKeyGuard)
@RequireScope('admin')
export class ImpactController {
  constructor(private readonly impact: PolicyImpact) {}

  @Post(':id/preview')
  @HttpCode(200)
  @Answers('What a version would find today, and newly deny', 200, policyPreviewSchema)
  preview(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: previewPolicySchema }) request: PreviewPolicy,
  ): Promise<PolicyPreview> {
    return this.impact.preview(scope, id, request);
  }

  @Post(':id/backtest')
  @HttpCode(200)
  @Answers('What a version would have found in the last days', 200, policyBacktestSchema)
  backtest(
    @RequestScope() scope: Scope,
    @Param('id') id: string,
    @Body({ schema: backtestPolicySchema }) request: BacktestPolicy,
  ): Promise<PolicyBacktest> {
    return this.impact.backtest(scope, id, request);
  }
}
