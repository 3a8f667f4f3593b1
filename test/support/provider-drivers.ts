import { bitbucketDriver } from './fake-bitbucket.js';
import { giteaDriver } from './fake-gitea.js';
import { githubDriver } from './fake-github.js';
import { gitlabDriver } from './fake-gitlab.js';
import type { ProviderDriver } from './provider-driver.js';

/** Every provider that is told of results. */
export const DRIVERS: readonly ProviderDriver[] = [githubDriver, gitlabDriver, giteaDriver, bitbucketDriver];
