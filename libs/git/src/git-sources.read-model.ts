import { Inject, Injectable } from '@nestjs/common';
import { AppError, decodeCursor, encodeCursor, type Page, pageOfRows, publicId, type Scope } from '#kernel';
import type { GitSourceShape, NamedPageQuery } from '#contracts';
import { Database, PUBLIC_URL } from '#platform';

interface SourceRow extends Pick<
  GitSourceShape,
  'name' | 'provider' | 'url' | 'api_url' | 'branches' | 'paths' | 'has_token' | 'poll_minutes' | 'revision'
> {
  source_id: string;
  state: GitSourceShape['status']['state'];
  detail: string | null;
  last_event_at: Date | null;
  last_polled_at: Date | null;
}

const SELECT = `
  select source_id, name, provider, url, api_url, branches, paths, token is not null as has_token, poll_minutes, revision,
    state, detail, last_event_at, last_polled_at
  from app.git_source where org_id = $1`;

/** Git sources as screens and the API show them: without their secrets. */
@Injectable()
export class GitSourcesReadModel {
  constructor(
    private readonly database: Database,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  /** @returns sources by name */
  async list(scope: Scope, query: NamedPageQuery): Promise<Page<GitSourceShape>> {
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, 'name', ['text'])[0];
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<SourceRow>(`${SELECT} and ($2::text is null or name > $2) order by name limit $3`, [
        scope.orgId,
        after,
        query.limit + 1,
      ]);
      return pageOfRows(
        rows,
        query.limit,
        (row) => encodeCursor('name', [row.name]),
        (row) => this.shapeOf(row),
      );
    });
  }

  /**
   * @param sourceId UUID
   * @throws AppError `not_found`
   */
  async get(scope: Scope, sourceId: string): Promise<GitSourceShape> {
    return this.database.run(scope, async (tx) => {
      const [row] = await tx.query<SourceRow>(`${SELECT} and source_id = $2`, [scope.orgId, sourceId]);
      if (row === undefined) throw new AppError('not_found', 'There is no git source with this id.');
      return this.shapeOf(row);
    });
  }

  private shapeOf({ source_id: id, state, detail, last_event_at: event, last_polled_at: polled, ...row }: SourceRow) {
    const shown = publicId('gitSource', id);
    return {
      id: shown,
      ...row,
      hook_url: `${this.publicUrl}/api/v1/hooks/git/${shown}`,
      status: {
        state,
        detail,
        last_event_at: event?.toISOString() ?? null,
        last_polled_at: polled?.toISOString() ?? null,
      },
    };
  }
}
