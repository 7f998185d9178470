import { isMet, type LabelRule } from './nodeAffinity.ts'

/** Rules about which pods may be near which others; only where some pod of the cluster has one. */
export interface PodRules {
  /** Of each pod of the gang. */
  readonly mark: PodMark
  readonly spread: readonly SpreadRule[]
}

/** What rules see of a pod. */
export interface PodMark {
  readonly namespace: string
  /** Those that some rule asks about. */
  readonly labels: Readonly<Record<string, string>>
  readonly antiAffinity: readonly AntiAffinityRule[]
}

/** No other such pod on the nodes alike in the label. */
export interface AntiAffinityRule {
  readonly topologyKey: string
  readonly selector: PodSelector
}

/** Such pods on the nodes alike in the label: at most so many more than where there are fewest. */
export interface SpreadRule extends AntiAffinityRule {
  readonly maxSkew: number
}

export interface PodSelector {
  /** null: all. */
  readonly namespaces: readonly string[] | null
  /** null: no pod at all; empty: every pod. */
  readonly labels: readonly LabelRule[] | null
}

export function isSelected({ namespace, labels }: PodMark, selector: PodSelector): boolean {
  if (selector.labels === null || selector.namespaces?.includes(namespace) === false) return false
  return selector.labels.every((rule) => isMet(rule, labels[rule.key]))
}

/** The mark with those labels alone that rules ask about, so that pods which differ in others are alike. */
export function markOf(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  antiAffinity: readonly AntiAffinityRule[],
  asked: Iterable<string>,
): PodMark {
  const seen: Record<string, string> = {}
  for (const key of asked) if (labels[key] !== undefined) seen[key] = labels[key]
  return { namespace, labels: seen, antiAffinity }
}

/** Keys of labels that these rules ask about. */
export function keysOf(rules: Iterable<AntiAffinityRule>): Set<string> {
  const keys = new Set<string>()
  for (const { selector } of rules) for (const { key } of selector.labels ?? []) keys.add(key)
  return keys
}

/** Also where one of them has been written down and read again. */
export function isSameMark(a: PodMark, b: PodMark): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
