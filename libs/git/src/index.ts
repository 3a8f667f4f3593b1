export { GitChecksReadModel } from './git-checks.read-model.js';
export type { HookRequest } from './git-event.rules.js';
export { GitHooks } from './git-hooks.service.js';
export { GitModule } from './git.module.js';
export { GitSource } from './git-source.entity.js';
export { GitSourcesReadModel } from './git-sources.read-model.js';
export { GitSourcesService } from './git-sources.service.js';
export { GIT_QUEUE } from './git-wishes.store.js';
export { GitWork } from './git-work.service.js';
