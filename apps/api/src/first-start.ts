import type { INestApplicationContext } from '@nestjs/common';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateCredential, systemScope, uuidV7 } from '#kernel';
import { ProvisioningService } from '#policies';
import { type Config, LOGGER, type Logger } from '#platform';
import { OrganizationsDirectory, OrganizationsService } from '#tenancy';

/** Name of the file with the owner's key in the data folder. */
export const OWNER_KEY_FILE = 'owner.key';

/**
 * Makes the first organization where there is none, and brings every organization's built-in policies to this release:
 * one that can't be brought there is an error in the log, and stops none of the others.
 * @param app with the features
 * @param config slug, key and data folder
 * @returns the owner's key, as this installation knows it
 */
export async function firstStart(
  app: INestApplicationContext,
  config: Config,
): Promise<{ ownerKeyFile: string; ownerKey: string }> {
  const { ownerKeyFile, ownerKey } = ensureOwnerKey(config);
  const organizations = app.get(OrganizationsService);
  await organizations.ensureFirst({ slug: config.initOrg, name: config.initOrg }, ownerKey, Date.now());
  await reconcileAll(app);
  return { ownerKeyFile, ownerKey };
}

async function reconcileAll(app: INestApplicationContext): Promise<void> {
  const provisioning = app.get(ProvisioningService);
  const logger = app.get<Logger>(LOGGER);
  for (const orgId of await app.get(OrganizationsDirectory).dangerouslyListAll()) {
    try {
      await provisioning.reconcile(systemScope(orgId, 'reconcile built-in policies'));
    } catch (error) {
      logger.error({ err: error, org_id: orgId }, 'built-in policies stay as they were');
    }
  }
}

/** The key is on disk before it is in the database: a start that is cut short between the two finds it again. */
function ensureOwnerKey(config: Config): { ownerKeyFile: string; ownerKey: string } {
  const ownerKeyFile = join(config.dataDir, OWNER_KEY_FILE);
  if (config.initApiKey !== undefined) return { ownerKeyFile, ownerKey: config.initApiKey };
  if (!existsSync(ownerKeyFile)) {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    const key = generateCredential('api_key', uuidV7(Date.now()));
    writeFileSync(ownerKeyFile, `${key}\n`, { mode: 0o600 });
  }
  return { ownerKeyFile, ownerKey: readFileSync(ownerKeyFile, 'utf8').trim() };
}
