import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '#platform';
import { OrganizationsDirectory } from '#tenancy';

/** Does work for organizations, one after the other: what goes wrong in one is said, and the others come all the same. */
@Injectable()
export class EachOrganization {
  constructor(
    private readonly organizations: OrganizationsDirectory,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param work for each organization there is, by its UUID */
  async all(work: (orgId: string) => Promise<unknown>): Promise<void> {
    for (const orgId of await this.organizations.dangerouslyListAll()) await this.apart(orgId, () => work(orgId));
  }

  /** @param work for this organization */
  async apart(orgId: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.error({ err: error, org_id: orgId }, 'sweep');
    }
  }
}
