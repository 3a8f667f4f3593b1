import type { GitProviderName } from '#contracts';
import { bitbucket } from './bitbucket.provider.js';
import type { GitProvider } from './git-provider.js';
import { gitea } from './gitea.provider.js';
import { github } from './github.provider.js';
import { gitlab } from './gitlab.provider.js';
import { plain } from './plain.provider.js';

/** Every provider by its name. */
export const PROVIDERS: Readonly<Record<GitProviderName, GitProvider>> = {
  github,
  gitlab,
  gitea,
  bitbucket,
  git: plain,
};
