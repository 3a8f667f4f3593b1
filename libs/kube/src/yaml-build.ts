import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Scalar,
  type Alias,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { setKey, type Json, type JsonObject } from '#kernel';
import { describeValue } from './describe-value.js';
import { ManifestRefusal, type ManifestLimits } from './manifest-limits.js';
import type { Place } from './positions.js';
import type { ParsedSource } from './yaml-quotes.js';
import { NOT_FINITE, resolvePlainScalar, type ScalarValue } from './yaml-scalar.js';

/** What Kubernetes takes without a word, and a person should know. */
export interface BuildWarning {
  code: 'duplicate_key' | 'number_precision' | 'unknown_tag' | 'merge_overrides' | 'more_warnings';
  message: string;
  /** In the whole text. */
  offset: number;
}

/** A value, and where each part of it was written. */
export interface Built {
  value: Json;
  place: Place;
}

/** What all documents of a text share: how much aliases may still add. */
export interface AliasBudget {
  left: number;
}

/** A map that is being built. */
interface MapParts {
  target: JsonObject;
  children: Map<string, Place>;
}

const MAX_WARNINGS = 20;
const TAG_PREFIX = 'tag:yaml.org,2002:';
const KNOWN_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'timestamp', 'binary', 'map', 'seq', 'merge', 'set', 'omap', 'pairs'].map(
    (name) => TAG_PREFIX + name,
  ),
);

/**
 * Turns YAML nodes into a JSON value by the rules Kubernetes reads with: duplicate keys and merge keys in the order they
 * are written, the later counts; keys become text; aliases are copied, within a budget. One builder reads one document.
 */
export class YamlBuilder {
  readonly warnings: BuildWarning[] = [];
  private readonly anchors = new Map<string, Node>();
  private readonly targets = new Map<Alias, Node>();
  private readonly open = new Set<Node>();
  private nodes = 0;
  private depth = 0;
  private aliasDepth = 0;

  /**
   * @param source what was parsed, to find places in the whole text
   * @param limits of depth and nodes
   * @param budget shared by all documents of the text
   */
  constructor(
    private readonly source: ParsedSource,
    private readonly limits: ManifestLimits,
    private readonly budget: AliasBudget,
  ) {}

  /**
   * @param node the document's contents
   * @throws ManifestRefusal where Kubernetes would refuse it, or a limit is reached
   */
  build(node: Node): Built {
    return this.value(node, this.offsetOf(node));
  }

  private offsetOf(node: Node | null): number {
    return this.source.original(node?.range?.[0] ?? 0);
  }

  private warn(code: BuildWarning['code'], message: string, offset: number): void {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push({ code, message, offset });
    else if (this.warnings.length === MAX_WARNINGS) {
      this.warnings.push({ code: 'more_warnings', message: `further warnings are left out`, offset });
    }
  }

  private count(offset: number): void {
    if (++this.nodes > this.limits.nodes) {
      throw new ManifestRefusal(
        'limit_nodes',
        `more than ${this.limits.nodes} keys and values in one document`,
        offset,
      );
    }
    if (this.aliasDepth > 0 && --this.budget.left < 0) {
      const allowed = this.limits.aliasedNodes;
      throw new ManifestRefusal(
        'limit_aliases',
        `aliases add more than ${allowed} values; write them out instead`,
        offset,
      );
    }
    if (this.depth > this.limits.depth) {
      throw new ManifestRefusal('limit_depth', `nested deeper than ${this.limits.depth} levels`, offset);
    }
  }

  private value(node: Node | null, offset: number): Built {
    this.count(offset);
    if (isAlias(node)) return this.alias(node, (target) => this.value(target, offset));
    if (node?.anchor !== undefined && this.aliasDepth === 0) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return { value: this.scalar(node), place: { offset } };
    if (!isMap(node) && !isSeq(node)) return { value: null, place: { offset } };
    this.checkTag(node);
    this.open.add(node);
    this.depth++;
    const built = isMap(node) ? this.map(node, offset) : this.list(node, offset);
    this.depth--;
    this.open.delete(node);
    return built;
  }

  /** An alias means the anchor before it in the text, also when a later anchor has the same name. */
  private alias<T>(node: Alias, use: (target: Node) => T): T {
    const target = this.targets.get(node) ?? this.anchors.get(node.source);
    if (!target) {
      const message = `*${node.source} has no anchor &${node.source} before it in this document`;
      throw new ManifestRefusal('unknown_anchor', message, this.offsetOf(node));
    }
    if (this.open.has(target)) {
      throw new ManifestRefusal('alias_cycle', `*${node.source} stands within its own anchor`, this.offsetOf(node));
    }
    this.targets.set(node, target);
    this.aliasDepth++;
    const result = use(target);
    this.aliasDepth--;
    return result;
  }

  private list(node: YAMLSeq, offset: number): Built {
    const items = node.items.map((item) => this.value(item as Node | null, this.offsetOf(item as Node | null)));
    return { value: items.map(({ value }) => value), place: { offset, children: items.map(({ place }) => place) } };
  }

  private map(node: YAMLMap, offset: number): Built {
    const parts: MapParts = { target: {}, children: new Map() };
    this.fill(node, parts);
    return { value: parts.target, place: { offset, children: parts.children } };
  }

  private fill(node: YAMLMap, parts: MapParts): void {
    const seen = new Map<string, number>();
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const offset = this.offsetOf(pair.key);
      if (isMergeKey(pair.key)) {
        this.merge(pair.value, offset, parts, seen);
        continue;
      }
      const key = this.key(pair.key, offset);
      const before = seen.get(key);
      if (before !== undefined)
        this.warn('duplicate_key', `key ${JSON.stringify(key)} stands here twice; the last one counts`, offset);
      seen.set(key, offset);
      const built = this.value(pair.value, offset);
      setKey(parts.target, key, built.value);
      parts.children.set(key, { ...built.place, offset });
    }
  }

  private merge(value: Node | null, offset: number, parts: MapParts, seen: ReadonlyMap<string, number>): void {
    if (isAlias(value)) return this.alias(value, (node) => this.merge(node, offset, parts, seen));
    this.count(offset);
    if (isSeq(value)) {
      for (const item of [...value.items].reverse()) this.mergeMap(item as Node, offset, parts, seen);
    } else {
      this.mergeMap(value, offset, parts, seen);
    }
  }

  private mergeMap(value: Node | null, offset: number, parts: MapParts, seen: ReadonlyMap<string, number>): void {
    if (isAlias(value)) return this.alias(value, (node) => this.mergeMap(node, offset, parts, seen));
    if (!isMap(value)) throw new ManifestRefusal('bad_merge', '<<: takes a map, or a list of maps', offset);
    const overridden = value.items
      .map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ''))
      .find((key) => seen.has(key));
    if (overridden !== undefined) {
      this.warn(
        'merge_overrides',
        `<<: overrides key ${JSON.stringify(overridden)} that stands before it; put <<: first`,
        offset,
      );
    }
    this.depth++;
    this.fill(value, parts);
    this.depth--;
  }

  private key(node: Node, offset: number): string {
    this.count(offset);
    if (isAlias(node)) return this.alias(node, (target) => this.key(target, offset));
    if (node?.anchor !== undefined && this.aliasDepth === 0) this.anchors.set(node.anchor, node);
    const value = isScalar(node) ? this.scalar(node) : undefined;
    if (value === undefined || value === null) {
      const found = isMap(node) ? 'a map' : isSeq(node) ? 'a list' : 'null';
      throw new ManifestRefusal('bad_key', `a key must be text, got ${found}`, offset);
    }
    return String(value);
  }

  private scalar(node: Scalar): null | boolean | number | string {
    const text = this.textOf(node);
    const offset = this.offsetOf(node);
    const value = this.resolve(node, text, offset);
    if (value === NOT_FINITE)
      throw new ManifestRefusal('bad_scalar', `${text} is no number that JSON can hold; quote it`, offset);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.warn(
        'number_precision',
        `${text} is beyond 2^53 and was rounded to ${value}; quote it if it is text`,
        offset,
      );
    }
    return value;
  }

  /** At the end of a text without a last line break, a block scalar ends without one too. */
  private textOf(node: Scalar): string {
    const text = typeof node.value === 'string' ? node.value : '';
    const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
    const { text: source } = this.source;
    const cutOff = isBlock && (node.range?.[1] ?? 0) >= source.length && !source.endsWith('\n');
    return cutOff && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  private resolve(node: Scalar, text: string, offset: number): ScalarValue {
    if (node.tag === undefined)
      return node.type === Scalar.PLAIN || node.type === undefined ? resolvePlainScalar(text) : text;
    this.checkTag(node);
    switch (node.tag.startsWith(TAG_PREFIX) ? node.tag.slice(TAG_PREFIX.length) : '') {
      case 'binary':
        return Buffer.from(text, 'base64').toString('utf8');
      case 'int':
      case 'float':
        return this.typed(resolvePlainScalar(text), 'number', node.tag, text, offset);
      case 'bool':
        return this.typed(resolvePlainScalar(text), 'boolean', node.tag, text, offset);
      case 'null':
        return this.typed(resolvePlainScalar(text), 'object', node.tag, text, offset);
      default:
        return text;
    }
  }

  private typed(value: ScalarValue, type: string, tag: string, text: string, offset: number): ScalarValue {
    if (typeof value === type || value === NOT_FINITE) return value;
    const name = `!!${tag.slice(TAG_PREFIX.length)}`;
    throw new ManifestRefusal('bad_scalar', `${describeValue(text)} can't be read as ${name}`, offset);
  }

  private checkTag(node: Node): void {
    const tag = 'tag' in node ? node.tag : undefined;
    if (tag === undefined || tag === '!' || KNOWN_TAGS.has(tag)) return;
    this.warn('unknown_tag', `tag ${tag} means nothing to Kubernetes and was dropped`, this.offsetOf(node));
  }
}

function isMergeKey(key: Node): boolean {
  if (!isScalar(key) || key.value !== '<<') return false;
  return key.tag === `${TAG_PREFIX}merge` || (key.type === Scalar.PLAIN && (key.tag === undefined || key.tag === '!'));
}
