import { judgeNode, judgePublicUrl, judgeTogether, judgeVariables } from './configuration.rules.js';
import type { Finding } from './finding.js';
import type { Surroundings } from './surroundings.js';

/** Settings: each by itself, and together. */
export async function checkConfiguration({ environment, config, wrong }: Surroundings): Promise<Finding[]> {
  return [
    judgeNode(process.versions.node),
    ...judgeVariables(environment, wrong),
    ...judgeTogether(config),
    ...judgePublicUrl(config),
  ];
}
