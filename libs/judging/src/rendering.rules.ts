import type { ManifestDocument } from '#kube';

/** Code of documents that are the source of what is applied, not what is applied. */
export const NEEDS_RENDERING = 'needs_rendering';

const CHART = /(?:^|\/)Chart\.ya?ml$/;
const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/**
 * Tells sources of Helm and Kustomize from manifests, by what lies beside them.
 * @param paths of all files that are looked at together
 */
export class SourcesToRender {
  /** Folders of charts; the empty one is where the paths begin. */
  private readonly charts: readonly string[];

  constructor(paths: readonly string[]) {
    this.charts = paths.filter((path) => CHART.test(path)).map(folderOf);
  }

  /**
   * @param path of a file
   * @returns the command that renders what it belongs to; undefined where it is a file like any other
   */
  commandFor(path: string): string | undefined {
    if (KUSTOMIZATION.test(path)) return `kubectl kustomize ${shown(folderOf(path))}`;
    const chart = this.charts.find((folder) => isChartSource(path, folder));
    return chart === undefined ? undefined : `helm template ${shown(chart)}`;
  }
}

/**
 * @param document as it was read
 * @param path of its file, null where the text came alone
 * @param sources of all files
 * @returns the same, `ignored` with the command that helps, where somebody has to render it first
 */
export function unlessToRender(
  document: ManifestDocument,
  path: string | null,
  sources: SourcesToRender,
): ManifestDocument {
  const command = (path === null ? undefined : sources.commandFor(path)) ?? commandOf(document, path);
  if (command === undefined) return document;
  const { object: _object, ...rest } = document;
  const { line, column } = document.error ?? document;
  const message = `needs rendering: ${command} | bylaw check -`;
  return { ...rest, status: 'ignored', error: { code: NEEDS_RENDERING, message, line, column } };
}

/** A template that came without its chart, or a kustomization under another name. */
function commandOf({ object, error }: ManifestDocument, path: string | null): string | undefined {
  if (error?.code === 'template_markers') return 'helm template CHART';
  const group = String(object?.['apiVersion'] ?? '').split('/')[0];
  if (group === 'kustomize.config.k8s.io') return `kubectl kustomize ${shown(folderOf(path ?? ''))}`;
  return undefined;
}

/** What Helm reads as templates or values; `crds/` are manifests as they are. */
function isChartSource(path: string, folder: string): boolean {
  const prefix = folder === '' ? '' : `${folder}/`;
  if (!path.startsWith(prefix)) return false;
  const inside = path.slice(prefix.length);
  return /^(?:(?:charts\/[^/]+\/)*(?:templates\/|Chart\.|values[^/]*\.ya?ml$|requirements\.))/.test(inside);
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** As a word of a shell. */
function shown(folder: string): string {
  if (folder === '') return '.';
  return /^[\w./@:+-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`;
}
