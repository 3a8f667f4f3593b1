import { Inject, Injectable } from '@nestjs/common';
import type { Scope } from '#kernel';
import { publicId } from '#kernel';
import { Database, LOGGER, Metrics, OutboundHttp, PUBLIC_URL, SecretUnreadable, type Logger } from '#platform';
import { shownCheck, type TakenCheck } from './git-check-ledger.store.js';
import type { OpenSource } from './git-checkout.service.js';
import { PROVIDERS } from './git-providers.js';
import type { CheckReport, CommitStatus, ReportState } from './git-provider.js';
import { GitSecrets } from './git-secrets.js';
import { loadSource } from './git-sources.store.js';
import { ProviderAway, ProviderRefused } from './provider-client.js';
import { keepProgress, noteReport, postponeReport, takeReport, type DueReport } from './report-ledger.store.js';
import { annotationsOf, descriptionOf, stateOf, summaryOf, type EndedCheck } from './report-text.rules.js';

const TRIES_MAX = 10;
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 3_600_000;

/** Where sources are reached, and where people find more. */
@Injectable()
export class GitSurroundings {
  constructor(
    readonly outbound: OutboundHttp,
    readonly secrets: GitSecrets,
    readonly metrics: Metrics,
    @Inject(PUBLIC_URL) readonly publicUrl: string,
    @Inject(LOGGER) readonly logger: Logger,
  ) {}
}

/** Writes back to providers what checks found: soon, once, and again where the provider was away. */
@Injectable()
export class GitReports {
  constructor(
    private readonly database: Database,
    private readonly around: GitSurroundings,
  ) {}

  /** @returns the source with its token; undefined where it was taken away, an error where its token can't be read */
  async open(scope: Scope, sourceId: string): Promise<OpenSource | SecretUnreadable | undefined> {
    const source = await this.database.run(scope, (tx) => loadSource(tx, sourceId));
    if (source === undefined) return undefined;
    try {
      const token = this.around.secrets.tokenOf(source);
      const { url, apiUrl } = source;
      const api =
        token === undefined
          ? undefined
          : PROVIDERS[source.provider].api({ url, apiUrl, token, http: this.around.outbound });
      return { source, token, api };
    } catch (error) {
      if (error instanceof SecretUnreadable) return error;
      throw error;
    }
  }

  /** Tells that a commit is being looked at; who can't be told of that is told of the result. */
  async tellBegun({ api }: OpenSource, check: TakenCheck & { commit: string }): Promise<void> {
    try {
      await api?.setStatus(this.statusOf(check, 'pending', 'It is being checked.'));
    } catch (error) {
      if (!(error instanceof ProviderAway || error instanceof ProviderRefused)) throw error;
    }
  }

  /**
   * Writes the next result back.
   * @param scope the platform's own
   * @returns whether there was one
   */
  async sendNext(scope: Scope): Promise<boolean> {
    const due = await this.database.run(scope, (tx) => takeReport(tx));
    if (due === undefined) return false;
    const outcome = await this.send(scope, due).catch((error: unknown) => this.noteFailure(scope, due, error));
    this.around.metrics.gitReports.inc({ outcome });
    return true;
  }

  private async send(scope: Scope, due: DueReport): Promise<string> {
    const open = await this.open(scope, due.sourceId);
    if (open === undefined) return 'sent';
    if (open instanceof SecretUnreadable) throw new ProviderRefused(open.message, 0);
    const { api } = open;
    if (api === undefined) return this.ended(scope, due, 'failed', 'The source has no token any more.');
    if (due.newer === 'same commit')
      return this.ended(scope, due, 'sent', 'A later check of the same commit is told of.');
    const report = this.reportOf(due);
    await api.setStatus(report.status);
    const detail = await this.annotate(scope, open, due, report);
    return this.ended(scope, due, 'sent', detail);
  }

  /** A commit that was followed by another one has its status; comments are about the newest alone. */
  private async annotate(scope: Scope, { api }: OpenSource, due: DueReport, report: CheckReport): Promise<string> {
    if (due.newer === 'other commit' || due.status === 'failed' || api === undefined) return 'commit status';
    try {
      return await api.annotate(report, due.progress, (progress) =>
        this.database.run(scope, (tx) => keepProgress(tx, due.checkId, progress)),
      );
    } catch (error) {
      if (error instanceof ProviderRefused) return `commit status; the findings could not be written: ${error.message}`;
      throw error;
    }
  }

  private async ended(scope: Scope, due: DueReport, state: 'sent' | 'failed', detail: string): Promise<string> {
    await this.database.run(scope, (tx) => noteReport(tx, due.checkId, state, detail));
    return state;
  }

  private async noteFailure(scope: Scope, due: DueReport, error: unknown): Promise<string> {
    const known = error instanceof ProviderAway || error instanceof ProviderRefused;
    if (!known) this.around.logger.error({ err: error, org_id: scope.orgId }, 'git report');
    const reason = known ? error.message : 'Something went wrong on our side.';
    if (error instanceof ProviderRefused || due.failures + 1 >= TRIES_MAX)
      return this.ended(scope, due, 'failed', reason);
    const waits = Math.min(FIRST_WAIT_MS * 2 ** due.failures, LONGEST_WAIT_MS);
    const said = error instanceof ProviderAway ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
    await this.database.run(scope, (tx) => postponeReport(tx, due.checkId, Math.max(waits, said), reason));
    return 'postponed';
  }

  private reportOf(due: DueReport): CheckReport {
    const ended: EndedCheck = { ...due, link: this.linkTo(due.checkId) };
    const description = descriptionOf(ended);
    return {
      checkId: shownCheck(due.checkId),
      sourceId: publicId('gitSource', due.sourceId),
      status: this.statusOf(due, stateOf(ended), description),
      pullRequest: due.pullRequest,
      title: description,
      summary: summaryOf(ended),
      annotations: annotationsOf(due.violations),
    };
  }

  private statusOf(
    check: { checkId: string; commit: string; ref: string; pullRequest: number | null },
    state: ReportState,
    description: string,
  ): CommitStatus {
    const { checkId, commit, ref, pullRequest } = check;
    const context = pullRequest === null ? 'bylaw/push' : 'bylaw/pull-request';
    return { commit, ref, context, state, description, link: this.linkTo(checkId) };
  }

  private linkTo(checkId: string): string {
    return `${this.around.publicUrl}/api/v1/git-checks/${shownCheck(checkId)}`;
  }
}
