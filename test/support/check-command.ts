import type { ValidationResult } from '#contracts';
import { type Ended, runCli, TestFolder } from './cli-command.js';

/** Folders that a test has made, until they are removed. */
export class TestFolders {
  private readonly folders: TestFolder[] = [];

  /** @param files by path */
  readonly make = (files: Record<string, string | Buffer>): TestFolder => {
    const folder = new TestFolder(files);
    this.folders.push(folder);
    return folder;
  };

  removeAll(): void {
    for (const folder of this.folders.splice(0)) folder.remove();
  }
}

/** Runs `bylaw check` in a folder. */
export function check(folder: TestFolder, args: string[] = [], input: string | Buffer = ''): Promise<Ended> {
  return runCli(['check', ...args], { cwd: folder.path, input });
}

/** @returns what `bylaw check` found, as JSON tells it */
export async function resultOf(folder: TestFolder, args: string[], input = ''): Promise<ValidationResult> {
  return JSON.parse((await check(folder, ['--format', 'json', ...args], input)).stdout) as ValidationResult;
}

/** @returns where the objects that were judged are written */
export function pathsOf({ documents }: ValidationResult): (string | null)[] {
  return documents.filter(({ status }) => status === 'ok').map(({ path }) => path);
}

/**
 * A policy of somebody's own: a Pod names its owner by a label.
 * @param message of its finding
 */
export function ownedPolicy(message = 'Nobody owns this.'): string {
  return `# METADATA
# title: Pods have an owner
# description: For the test.
# custom:
#   category: security
#   severity: low
#   kinds: [Pod]
#   remediation: Name the owner.
package bylaw.owned

violation contains {"path": "metadata.labels.owner", "found": null, "expected": "a name", "message": "${message}"} if {
	not input.review.object.metadata.labels.owner
}
`;
}
