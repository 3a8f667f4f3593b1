import type { ValidateEnvelope } from '#contracts';
import { askGit, repositoryName, repositoryOf } from '../git.js';

type Context = NonNullable<ValidateEnvelope['context']>;
type Environment = Readonly<Record<string, string | undefined>>;
/** What a CI service says; what is unset or empty is left out. */
type Said = Partial<Record<keyof Context, string | undefined>>;

const LONGEST = { repository: 500, ref: 500, commit: 100, actor: 200, url: 2_000 };

/**
 * @param environment of the process
 * @param folder that is checked: asked where no CI service says it
 * @returns which commit of which repository is checked, and who had it built
 */
export function pipelineContext(environment: Environment, folder: string): Context {
  const said = saidByService(environment) ?? saidByGit(folder);
  const known = Object.entries(said).flatMap(([name, value]) => {
    if (value === undefined || value === '') return [];
    const text = name === 'repository' ? reachedAnyWay(value) : value.replace(/^refs\/heads\//, '');
    return [[name, text.slice(0, LONGEST[name as keyof Context])]];
  });
  return Object.fromEntries(known) as Context;
}

/** Targets name repositories by one name, whether a pipeline reaches them by HTTPS or as `host:path`. */
function reachedAnyWay(url: string): string {
  return repositoryName(url).replace(/^([^/:]+):(?!\d)/, '$1/');
}

/** @returns what the CI service says by its documented variables; undefined outside of those that are known */
function saidByService(env: Environment): Said | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return saidByGithub(env);
  if (env['GITLAB_CI'] === 'true') {
    return {
      repository: env['CI_PROJECT_URL'],
      ref: env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'] || env['CI_COMMIT_REF_NAME'],
      commit: env['CI_COMMIT_SHA'],
      actor: env['GITLAB_USER_LOGIN'],
      url: env['CI_JOB_URL'],
    };
  }
  if (env['TF_BUILD'] === 'True') return saidByAzure(env);
  if (env['CIRCLECI'] === 'true') {
    return {
      repository: env['CIRCLE_REPOSITORY_URL'],
      ref: env['CIRCLE_BRANCH'],
      commit: env['CIRCLE_SHA1'],
      actor: env['CIRCLE_USERNAME'],
      url: env['CIRCLE_BUILD_URL'],
    };
  }
  if (env['JENKINS_URL'] !== undefined) {
    return {
      repository: env['GIT_URL'],
      ref: env['CHANGE_BRANCH'] || env['BRANCH_NAME'] || env['GIT_BRANCH']?.replace(/^origin\//, ''),
      commit: env['GIT_COMMIT'],
      actor: env['CHANGE_AUTHOR'],
      url: env['BUILD_URL'],
    };
  }
  return undefined;
}

function saidByGithub(env: Environment): Said {
  const repository = `${env['GITHUB_SERVER_URL']}/${env['GITHUB_REPOSITORY']}`;
  return {
    repository,
    ref: env['GITHUB_HEAD_REF'] || env['GITHUB_REF'],
    commit: env['GITHUB_SHA'],
    actor: env['GITHUB_ACTOR'],
    url: `${repository}/actions/runs/${env['GITHUB_RUN_ID']}`,
  };
}

function saidByAzure(env: Environment): Said {
  return {
    repository: env['BUILD_REPOSITORY_URI'],
    ref: env['SYSTEM_PULLREQUEST_SOURCEBRANCH'] || env['BUILD_SOURCEBRANCH'],
    commit: env['BUILD_SOURCEVERSION'],
    actor: env['BUILD_REQUESTEDFOR'],
    url: `${env['SYSTEM_COLLECTIONURI']}${env['SYSTEM_TEAMPROJECT']}/_build/results?buildId=${env['BUILD_BUILDID']}`,
  };
}

function saidByGit(folder: string): Said {
  const branch = askGit(folder, 'rev-parse', '--abbrev-ref', 'HEAD');
  return {
    repository: repositoryOf(folder),
    // A checkout of a commit alone has no branch.
    ref: branch === 'HEAD' ? undefined : branch,
    commit: askGit(folder, 'rev-parse', 'HEAD'),
  };
}
