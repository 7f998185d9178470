import type { Gang } from '../model/gang.ts'
import { MAX_DEVICES_PER_NODE, type NodeState, type ShareEnforcement, WHOLE_DEVICE } from '../model/node.ts'
import type { PendingCode, PendingReason } from '../model/pending.ts'
import { bitCount } from './bits.ts'
import { at, type Capacity, type FlavorRows } from './capacity.ts'
import type { Quotas, Shortage } from './quotas.ts'
import type { MatchingFlavor, Shape } from './shape.ts'
import type { Standing } from './standing.ts'

/** Why a group of jobs waits, with the figures; describeCause puts it into words where somebody wants to read it. */
export type Cause =
  | { code: PendingCode; reason: PendingReason }
  | { code: 'WaitingForBackoff'; untilMs: number }
  | { code: 'QueueNotFound'; queue: string; isDefault: boolean }
  | { code: 'QueueMisconfigured'; problem: string }
  | { code: 'QueueHeld'; queue: string; by: string }
  | { code: 'WaitingForTurn'; queue: string }
  | { code: 'WaitingForPreemptedWorkloads'; jobs: number }
  | { code: 'WaitingForReservation' | 'ReservedForAnother'; startsAtMs: number | null }
  | { code: 'NoMatchingFlavor'; gang: Gang; models: readonly string[] }
  | { code: 'GangLargerThanCluster'; gang: Gang; pools: readonly { flavor: string; slots: number }[] }
  | { code: 'ExceedsMaxQuota' | 'WaitingForQuota'; queue: string; shortage: Shortage; gang: Gang }
  | { code: 'UnknownTopologyLevel'; level: string; known: readonly string[] }
  | TopologyCause
  | { code: 'PodRulesFailed'; gang: Gang }
  | { code: 'ShareNotEnforced'; gang: Gang; required: readonly ShareEnforcement[] }
  | InsufficientCause
  | { code: 'AssignmentTooLarge'; slots: number }

/** Nothing is wanting but room. Its figures are shared by all such causes of a plan. */
export interface InsufficientCause {
  readonly code: 'InsufficientGpus' | 'InsufficientCapacity'
  readonly gang: Gang
  /** Those that would do and for which there is quota. */
  readonly flavors: readonly MatchingFlavor[]
  readonly figures: ReadonlyMap<string, FlavorFigures>
}

/** There would be room, but no domain of the level that it requires has enough of it. */
export interface TopologyCause {
  readonly code: 'TopologyPlacementFailed'
  readonly gang: Gang
  /** The domain that holds most; null where no node that would do is in any. */
  readonly largest: { readonly flavor: string; readonly domain: readonly string[]; readonly slots: number } | null
  /** Whether so many would be all with nothing else there. */
  readonly isWhenEmpty: boolean
}

/** What is free in a flavor. */
export interface FlavorFigures {
  readonly flavor: string
  readonly gpus: number
  readonly freeThousandths: number
  /** Number of nodes by how many whole GPUs are free on them. */
  readonly nodesByFreeGpus: readonly number[]
  /** Largest part of one device that is free. */
  readonly largestShareThousandths: number
  readonly largestFreeCpuMilli: number
  readonly largestFreeMemoryMiB: number
}

/** Why a gang that could start did not: the quota of every flavor that would do, or else what is free in them. */
export function causeAtEnd(
  queue: string,
  { shape, flavors }: Standing,
  quotas: Quotas,
  figures: ReadonlyMap<string, FlavorFigures>,
): Cause {
  const { gang, amounts } = shape
  let shortage: Shortage | null = null
  let isShortOfAll = true
  for (const { rows } of flavors) {
    const short = quotas.shortage(queue, rows.name, amounts, 'now')
    if (short === null) isShortOfAll = false
    else shortage ??= short
  }
  if (shortage !== null && isShortOfAll) return { code: 'WaitingForQuota', queue, shortage, gang }
  const hasQuota = ({ rows }: MatchingFlavor) => quotas.shortage(queue, rows.name, amounts, 'now') === null
  const withQuota = shortage === null ? flavors : flavors.filter(hasQuota)
  const topology = gang.topology?.required == null ? null : topologyCause(shape, withQuota)
  if (topology !== null) return topology
  if (gang.pod.rules !== undefined && withQuota.some((flavor) => shape.isKeptByRules(flavor)))
    return { code: 'PodRulesFailed', gang }
  return {
    code: gpusAreThere(gang, withQuota, figures) ? 'InsufficientCapacity' : 'InsufficientGpus',
    gang,
    flavors: withQuota,
    figures,
  }
}

/** Null where there would not be room in all domains together either. */
function topologyCause(shape: Shape, flavors: readonly MatchingFlavor[]): TopologyCause | null {
  const { gang } = shape
  const wide = flavors.filter(({ rows }) => shape.heldAnywhere(rows) >= gang.slots)
  return wide.length === 0
    ? null
    : { code: 'TopologyPlacementFailed', gang, largest: shape.largestOf(wide), isWhenEmpty: false }
}

function gpusAreThere(
  gang: Gang,
  flavors: readonly MatchingFlavor[],
  figures: ReadonlyMap<string, FlavorFigures>,
): boolean {
  for (const { rows } of flavors) {
    const free = figures.get(rows.name)
    if (free !== undefined && holdsGpus(free, gang)) return true
  }
  return false
}

/** Whether the free GPUs alone would do; of shares only the sum and the largest part are compared. */
function holdsGpus(flavor: FlavorFigures, { slots, pod }: Gang): boolean {
  const { gpu } = pod
  if (gpu === null) return true
  if (gpu.thousandths < WHOLE_DEVICE) {
    return flavor.largestShareThousandths >= gpu.thousandths && flavor.freeThousandths >= slots * gpu.thousandths
  }
  let held = 0
  for (let free = gpu.count; free < flavor.nodesByFreeGpus.length; free++) {
    held += (flavor.nodesByFreeGpus[free] ?? 0) * Math.floor(free / gpu.count)
  }
  return held >= slots
}

export function figuresOf(capacity: Capacity): Map<string, FlavorFigures> {
  return new Map(capacity.flavors.map((flavor) => [flavor.name, flavorFigures(capacity, flavor)]))
}

function flavorFigures(capacity: Capacity, { name, from, to }: FlavorRows): FlavorFigures {
  const nodesByFreeGpus: number[] = []
  let gpus = 0
  let freeThousandths = 0
  let largestShareThousandths = 0
  let largestFreeCpuMilli = 0
  let largestFreeMemoryMiB = 0
  for (let row = from; row < to; row++) {
    const { devices } = (capacity.states[row] as NodeState).spec
    gpus += devices.length
    if (at(capacity.freePods, row) <= 0) continue
    for (let device = 0; device < devices.length; device++) {
      const free = at(capacity.freeThousandths, row * MAX_DEVICES_PER_NODE + device)
      freeThousandths += Math.max(0, free)
      largestShareThousandths = Math.max(largestShareThousandths, free)
    }
    const wholes = bitCount(at(capacity.wholeFree, row))
    while (nodesByFreeGpus.length <= wholes) nodesByFreeGpus.push(0)
    nodesByFreeGpus[wholes] = (nodesByFreeGpus[wholes] ?? 0) + 1
    largestFreeCpuMilli = Math.max(largestFreeCpuMilli, at(capacity.freeCpuMilli, row))
    largestFreeMemoryMiB = Math.max(largestFreeMemoryMiB, at(capacity.freeMemoryMiB, row))
  }
  return {
    flavor: name,
    gpus,
    freeThousandths,
    nodesByFreeGpus,
    largestShareThousandths,
    largestFreeCpuMilli,
    largestFreeMemoryMiB,
  }
}
