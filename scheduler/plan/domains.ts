import type { NodeSpec, NodeState } from '../model/node.ts'
import type { TopologyLevel } from '../model/topology.ts'
import type { FlavorRows } from './capacity.ts'

/** Rows [from, to) of one flavor whose nodes are in one domain of a level. */
export interface Domain extends FlavorRows {
  /** Labels of its level and of those outside of it. */
  readonly path: readonly string[]
}

const NOWHERE: readonly string[] = []

/**
 * Where each row is. Rows are ordered so that every domain of every level is a run of them: what is asked of a flavor
 * can be asked of a domain.
 */
export class Domains {
  readonly levels: readonly TopologyLevel[]
  /** By row. */
  readonly #paths: readonly (readonly string[])[]
  /** By flavor, and then by level. */
  readonly #domains: ReadonlyMap<string, readonly (readonly Domain[])[]>

  constructor(levels: readonly TopologyLevel[], flavors: readonly FlavorRows[], states: readonly NodeState[]) {
    this.levels = levels
    this.#paths = states.map(({ spec }) => pathOf(spec, levels))
    this.#domains = new Map(flavors.map((rows) => [rows.name, levels.map((_, level) => this.#runs(rows, level))]))
  }

  /** Position of a level among the levels, counted from the outermost; -1 where there is none of that name. */
  levelOf(name: string | null): number {
    return this.levels.findIndex((level) => level.name === name)
  }

  /** Domains of a level within these rows. Nodes without its label, or without one outside of it, are in none. */
  within({ name, from, to }: FlavorRows, level: number): readonly Domain[] {
    const all = this.#domains.get(name)?.[level] ?? []
    return all.filter((domain) => domain.from >= from && domain.to <= to)
  }

  /** Whether all these rows are in one domain of the level. */
  isOne(level: number, rows: readonly number[]): boolean {
    const [first = NOWHERE] = rows.map((row) => this.#paths[row] ?? NOWHERE)
    const isInFirst = (row: number) => isAlike(this.#paths[row] ?? NOWHERE, first, level)
    return first.length > level && rows.every(isInFirst)
  }

  /** Whether a node that changed is where it was. */
  isInPlace(row: number, spec: NodeSpec): boolean {
    if (this.levels.length === 0) return true
    const before = this.#paths[row] ?? NOWHERE
    const now = pathOf(spec, this.levels)
    return before.length === now.length && isAlike(before, now, before.length - 1)
  }

  #runs({ name, from, to }: FlavorRows, level: number): Domain[] {
    const domains: { name: string; from: number; to: number; path: readonly string[] }[] = []
    for (let row = from; row < to; row++) {
      const path = this.#paths[row] ?? NOWHERE
      if (path.length <= level) continue
      const last = domains.at(-1)
      if (last?.to === row && isAlike(last.path, path, level)) last.to = row + 1
      else domains.push({ name, from: row, to: row + 1, path: path.slice(0, level + 1) })
    }
    return domains
  }
}

/** By flavor, place, then name. */
export function byPlace(levels: readonly TopologyLevel[]): (a: NodeState, b: NodeState) => number {
  return (a, b) => {
    const byFlavor = compare(a.spec.flavor, b.spec.flavor)
    if (byFlavor !== 0) return byFlavor
    for (const { nodeLabel } of levels) {
      const label = a.spec.labels[nodeLabel] ?? ''
      const byLabel = compare(label, b.spec.labels[nodeLabel] ?? '')
      if (byLabel !== 0) return byLabel
      // Without this label they are nowhere further inside.
      if (label === '') break
    }
    return compare(a.spec.name, b.spec.name)
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Labels of the levels from the outermost on, as far as the node has them. */
function pathOf({ labels }: NodeSpec, levels: readonly TopologyLevel[]): readonly string[] {
  if (levels.length === 0) return NOWHERE
  const path: string[] = []
  for (const { nodeLabel } of levels) {
    const label = labels[nodeLabel] ?? ''
    if (label === '') break
    path.push(label)
  }
  return path
}

/** Alike up to that level, which both have. */
function isAlike(a: readonly string[], b: readonly string[], level: number): boolean {
  if (a.length <= level || b.length <= level) return false
  for (let i = level; i >= 0; i--) if (a[i] !== b[i]) return false
  return true
}
