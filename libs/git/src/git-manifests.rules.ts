import { globMatches } from '#kube';
import type { TreeFile } from './git-output.rules.js';

const MANIFEST = /\.(?:ya?ml|json)$/i;
const YAML_FORM = [/^\s*(?:- )?["']?apiVersion["']?\s*:/m, /^\s*(?:- )?["']?kind["']?\s*:/m];
const JSON_FORM = [/"apiVersion"\s*:/, /"kind"\s*:/];

/** A file with its text. */
export interface ManifestText {
  path: string;
  content: string;
}

/** @returns whether a file is looked at: by its name, and by the globs of its source */
export function isManifestPath({ path }: TreeFile, paths: readonly string[] | null): boolean {
  return MANIFEST.test(path) && paths?.some((glob) => globMatches(glob, path)) !== false;
}

/** @returns whether a text has what makes a Kubernetes object: values of charts, pipelines and packages don't */
export function isManifestText(text: string): boolean {
  return [YAML_FORM, JSON_FORM].some((form) => form.every((sign) => sign.test(text)));
}

/**
 * Deals files out in parts that one validation takes.
 * @param filesMax files of one part
 * @param bytesMax characters of one part
 */
export function inParts(files: readonly ManifestText[], filesMax: number, bytesMax: number): ManifestText[][] {
  const parts: ManifestText[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    const last = parts.at(-1);
    if (last === undefined || last.length >= filesMax || bytes + file.content.length > bytesMax) {
      parts.push([file]);
      bytes = file.content.length;
    } else {
      last.push(file);
      bytes += file.content.length;
    }
  }
  return parts;
}
