import type { ShareEnforcement } from './node.ts'
import type { TopologyLevel } from './topology.ts'

/** What a cluster's SchedulingPolicy says. */
export interface Policy {
  readonly patience: Patience
  /** A job that has waited so long goes before all priorities. */
  readonly agingMs: number
  readonly stops: readonly NodeStop[]
  /** How near nodes are to one another, outermost level first. */
  readonly topologyLevels: readonly TopologyLevel[]
  /** Shares of a device go only where one of these keeps them to their size; empty: anywhere. */
  readonly shareEnforcements: readonly ShareEnforcement[]
  /** Highest class of a tenant's jobs by tenant; under null, of all tenants that are not among them. */
  readonly highestClasses: ReadonlyMap<string | null, { readonly name: string; readonly priority: number }>
}

/** How patient the scheduler is with gangs that do not come up. */
export interface Patience {
  /** All pods of a gang may take so long to be created, … */
  readonly gangBaseMs: number
  /** … and a second more for so many pods. */
  readonly gangPodsPerSecond: number
  /** A gang that had to be suspended again waits so long, twice as long each time after, … */
  readonly firstBackoffMs: number
  /** … and at most so long. */
  readonly lastBackoffMs: number
  /** How long a node that turned a pod away gets no new ones. */
  readonly avoidNodeMs: number
}

/** Nodes that get no new pods: one, those of a flavor, or where neither is named all of them. */
export interface NodeStop {
  readonly node: string | null
  readonly flavor: string | null
  /** HoldAndDrain: what runs there is stopped. */
  readonly stopPolicy: 'Hold' | 'HoldAndDrain'
}

/** The strongest stop for a node; null: none. */
export function stopOf(
  stops: readonly NodeStop[],
  { name, flavor }: { readonly name: string; readonly flavor: string },
): NodeStop['stopPolicy'] | null {
  const matching = stops.filter(
    (stop) => (stop.node === null || stop.node === name) && (stop.flavor === null || stop.flavor === flavor),
  )
  if (matching.some(({ stopPolicy }) => stopPolicy === 'HoldAndDrain')) return 'HoldAndDrain'
  return matching.length > 0 ? 'Hold' : null
}

/** Where the cluster has no policy of its own; a job waits a week before it goes before all priorities. */
export const DEFAULT_POLICY: Policy = {
  patience: {
    gangBaseMs: 60_000,
    gangPodsPerSecond: 15,
    firstBackoffMs: 10_000,
    lastBackoffMs: 600_000,
    avoidNodeMs: 60_000,
  },
  agingMs: 7 * 24 * 3_600_000,
  stops: [],
  topologyLevels: [],
  shareEnforcements: [],
  highestClasses: new Map(),
}
