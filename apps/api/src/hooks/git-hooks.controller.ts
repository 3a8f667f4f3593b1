import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiResponse } from '@nestjs/swagger';
import type { Response } from 'express';
import { hookAnswerSchema, type HookAnswer } from '#contracts';
import { GitHooks } from '#git';
import { Answers } from '../answers.js';
import { aboutOf, type AuthenticatedRequest } from '../auth/principal.js';
import { Admission } from '../limits/admission.js';

const DESCRIPTION =
  'As the source’s provider sends it, signed with the source’s secret; of plain git `{ref, before, after}`.';

/** Where providers tell of pushes: who they are, their signature says. */
@Controller('api/v1/hooks/git')
export class GitHooksController {
  constructor(
    private readonly hooks: GitHooks,
    private readonly admission: Admission,
  ) {}

  @Post(':sourceId')
  @ApiConsumes('application/json')
  @ApiBody({ description: DESCRIPTION, schema: { type: 'object' } })
  @ApiResponse({ status: 200, description: 'It tells nothing new', standardSchema: hookAnswerSchema })
  @Answers('Tell of a push or a pull request', 202, hookAnswerSchema, 'none')
  async receive(
    @Param('sourceId') sourceId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<HookAnswer> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
    );
    const answer = await this.admission.admitProof(request, sourceId, () =>
      this.hooks.receive(sourceId, { headers, body }, aboutOf(request)),
    );
    response.status(answer.status === 'accepted' ? 202 : 200);
    return answer;
  }
}
