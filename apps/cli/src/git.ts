import { execFileSync } from 'node:child_process';

/**
 * @param folder in a checkout
 * @param args of git
 * @returns what git prints; undefined where there is no git, no repository or no answer
 */
export function askGit(folder: string, ...args: string[]): string | undefined {
  try {
    const answer = execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return answer === '' ? undefined : answer;
  } catch {
    return undefined;
  }
}

/**
 * @param url of a git remote
 * @returns the same for every way to reach it, as in git.example.com/acme/shop: without the credentials that some write into it
 */
export function repositoryName(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^@/]*@/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
}

/** @returns the name of the repository that a folder is checked out of */
export function repositoryOf(folder: string): string | undefined {
  const url = askGit(folder, 'config', '--get', 'remote.origin.url');
  return url === undefined ? undefined : repositoryName(url);
}
