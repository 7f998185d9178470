import type { NodeState } from '../model/node.ts'
import { type AntiAffinityRule, isSelected, type PodMark, type PodRules, type SpreadRule } from '../model/podRules.ts'
import { at, type Capacity } from './capacity.ts'
import { NOT_ELIGIBLE } from './eligible.ts'

/**
 * Where pods of one gang may go by rules about pods: its own, and those of pods that are there already. Made for one
 * question; whoever places a pod says so by `take`.
 */
export class RuledRows {
  readonly #capacity: Capacity
  readonly #keepAway: Counted<AntiAffinityRule>[]
  readonly #spread: Counted<SpreadRule>[]
  /** Domains in which somebody's anti-affinity keeps the gang's pods away. */
  readonly #closed: { readonly topologyKey: string; readonly value: string }[] = []

  constructor(capacity: Capacity, { mark, spread }: PodRules, eligible: Int32Array) {
    this.#capacity = capacity
    const counted = <R extends AntiAffinityRule>(rule: R): Counted<R> => ({
      rule,
      matchesItself: isSelected(mark, rule.selector),
      byDomain: new Map(),
    })
    this.#keepAway = mark.antiAffinity.map(counted)
    this.#spread = spread.map(counted)
    const states = capacity.states
    for (let row = 0; row < states.length; row++) {
      const state = states[row] as NodeState
      // A domain counts where a node of it is one that the pod could be on, whatever is free there.
      if (at(eligible, row) !== NOT_ELIGIBLE) for (const { rule, byDomain } of this.#spread) open(byDomain, state, rule)
      if (state.marks === undefined && !capacity.marks.hasChanges) continue
      const marks = capacity.marks.on(row, state)
      for (const each of [...this.#keepAway, ...this.#spread]) count(each, state, marks)
    }
    for (const row of capacity.marks.carriers()) this.#close(row, mark)
  }

  allows(row: number): boolean {
    const { labels } = (this.#capacity.states[row] as NodeState).spec
    for (const { topologyKey, value } of this.#closed) if (labels[topologyKey] === value) return false
    for (const { rule, byDomain } of this.#keepAway) {
      // Where the label is missing there is no domain, and nobody to keep away from.
      const value = labels[rule.topologyKey]
      if (value !== undefined && (byDomain.get(value) ?? 0) > 0) return false
    }
    for (const { rule, byDomain, matchesItself } of this.#spread) {
      const value = labels[rule.topologyKey]
      if (value === undefined) return false
      const fewest = Math.min(...byDomain.values())
      if ((byDomain.get(value) ?? 0) + (matchesItself ? 1 : 0) - fewest > rule.maxSkew) return false
    }
    return true
  }

  /** A pod of the gang goes there. */
  take(row: number): void {
    const { labels } = (this.#capacity.states[row] as NodeState).spec
    for (const { rule, byDomain, matchesItself } of [...this.#keepAway, ...this.#spread]) {
      const value = labels[rule.topologyKey]
      if (matchesItself && value !== undefined) byDomain.set(value, (byDomain.get(value) ?? 0) + 1)
    }
  }

  #close(row: number, mark: PodMark): void {
    const state = this.#capacity.states[row] as NodeState
    for (const { antiAffinity } of this.#capacity.marks.on(row, state)) {
      for (const { topologyKey, selector } of antiAffinity) {
        const value = state.spec.labels[topologyKey]
        if (value !== undefined && isSelected(mark, selector)) this.#closed.push({ topologyKey, value })
      }
    }
  }
}

/** Pods that a rule is about, by value of its label. */
interface Counted<R> {
  readonly rule: R
  readonly matchesItself: boolean
  readonly byDomain: Map<string, number>
}

function open(byDomain: Map<string, number>, { spec }: NodeState, { topologyKey }: AntiAffinityRule): void {
  const value = spec.labels[topologyKey]
  if (value !== undefined && !byDomain.has(value)) byDomain.set(value, 0)
}

function count({ rule, byDomain }: Counted<AntiAffinityRule>, { spec }: NodeState, marks: readonly PodMark[]): void {
  const value = spec.labels[rule.topologyKey]
  if (value === undefined) return
  for (const mark of marks) if (isSelected(mark, rule.selector)) byDomain.set(value, (byDomain.get(value) ?? 0) + 1)
}
