import { Module } from '@nestjs/common';
import { EvaluationModule } from '#evaluation';
import { GitCheckLedger } from './git-check-ledger.store.js';
import { GitCheckout } from './git-checkout.service.js';
import { GitCheckWork } from './git-check-work.service.js';
import { GitChecksReadModel } from './git-checks.read-model.js';
import { GitChecks } from './git-checks.service.js';
import { GitHooks } from './git-hooks.service.js';
import { GitJudgement } from './git-judgement.service.js';
import { GitPoll } from './git-poll.service.js';
import { GitReports, GitSurroundings } from './git-reports.service.js';
import { GitSecrets } from './git-secrets.js';
import { GitSourcesReadModel } from './git-sources.read-model.js';
import { GitSourcesService } from './git-sources.service.js';
import { GitWishes } from './git-wishes.store.js';
import { GitWork } from './git-work.service.js';

const PUBLIC = [GitChecksReadModel, GitHooks, GitSourcesReadModel, GitSourcesService, GitWork];

@Module({
  imports: [EvaluationModule],
  providers: [
    GitCheckLedger,
    GitCheckout,
    GitChecks,
    GitCheckWork,
    GitJudgement,
    GitPoll,
    GitReports,
    GitSecrets,
    GitSurroundings,
    GitWishes,
    ...PUBLIC,
  ],
  exports: PUBLIC,
})
export class GitModule {}
