import type { Gang } from '../model/gang.ts'
import { isGang, type PendingGroup } from '../model/job.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import { DEFAULT_QUEUE, type QueueSpec } from '../model/queue.ts'
import type { Capacity } from './capacity.ts'
import type { Cause, TopologyCause } from './causes.ts'
import type { Domains } from './domains.ts'
import { eligibleDevices, NOT_ELIGIBLE } from './eligible.ts'
import type { Ground } from './memo.ts'
import type { MatchingFlavor, Shape } from './shape.ts'

/** A group that could be admitted, were there room. */
export interface Standing {
  readonly shape: Shape
  readonly flavors: readonly MatchingFlavor[]
}

/** What holds whatever is free or used: why the group cannot be admitted at all, or else where it could be. */
export function standingOf(
  group: PendingGroup,
  queue: QueueSpec | undefined,
  nowMs: number,
  ground: Ground,
): Standing | Cause {
  if (group.notBeforeMs > nowMs) return { code: 'WaitingForBackoff', untilMs: group.notBeforeMs }
  const { tree, memo } = ground
  const { specVersion } = memo.capacity
  const known = memo.standings.get(group.key)
  if (known?.queue === queue && known?.tree === tree && known.specVersion === specVersion) return known.standing
  const standing = decide(group, queue, ground)
  memo.standings.set(group.key, { standing, queue, tree, specVersion })
  return standing
}

function decide(group: PendingGroup, queue: QueueSpec | undefined, { tree, quotas, memo }: Ground): Standing | Cause {
  const { demand } = group
  if (!isGang(demand)) return { code: demand.code, reason: demand }
  if (queue === undefined || (queue.tenantId !== null && queue.tenantId !== group.tenantId)) {
    return { code: 'QueueNotFound', queue: group.queue, isDefault: group.queue === DEFAULT_QUEUE }
  }
  const problem = tree.problem(group.queue)
  if (problem !== null) return { code: 'QueueMisconfigured', problem }
  const stop = tree.get(group.queue)?.stop
  if (stop) return { code: 'QueueHeld', queue: group.queue, by: stop.of }
  const unknown = unknownLevel(demand, memo.capacity.domains)
  if (unknown !== null) return unknown
  const shape = memo.shape(demand)
  const matching = shape.flavors()
  if (matching.length === 0 && isShareUnenforced(demand, memo.capacity))
    return { code: 'ShareNotEnforced', gang: demand, required: memo.capacity.shareEnforcements }
  if (matching.length === 0) return { code: 'NoMatchingFlavor', gang: demand, models: memo.capacity.models() }
  const largeEnough = matching.filter((flavor) => flavor.slotsWhenEmpty >= demand.slots)
  if (largeEnough.length === 0) {
    const level = demand.topology?.required ?? null
    if (level !== null)
      return { code: 'TopologyPlacementFailed', gang: demand, largest: largestOf(matching), isWhenEmpty: true }
    const pools = matching.map((flavor) => ({ flavor: flavor.rows.name, slots: flavor.slotsWhenEmpty }))
    return { code: 'GangLargerThanCluster', gang: demand, pools }
  }
  const shortages = largeEnough.map((flavor) => quotas.shortage(group.queue, flavor.rows.name, shape.amounts, 'empty'))
  const flavors = largeEnough.filter((_, i) => shortages[i] === null)
  const [shortage] = shortages
  if (flavors.length === 0 && shortage) return { code: 'ExceedsMaxQuota', queue: group.queue, shortage, gang: demand }
  return { shape, flavors }
}

/** Whether a node would do, were it not for what has to keep its share to its size. */
function isShareUnenforced({ pod }: Gang, { states, shareEnforcements }: Capacity): boolean {
  if (shareEnforcements.length === 0 || pod.gpu === null || pod.gpu.thousandths === WHOLE_DEVICE) return false
  return states.some(({ spec }) => eligibleDevices(spec, pod) !== NOT_ELIGIBLE)
}

function unknownLevel({ topology }: Gang, domains: Domains): Cause | null {
  if (topology === undefined) return null
  const asked = [topology.required, topology.preferred]
  const level = asked.find((name) => name !== null && domains.levelOf(name) < 0)
  return level == null ? null : { code: 'UnknownTopologyLevel', level, known: domains.levels.map(({ name }) => name) }
}

function largestOf(flavors: readonly MatchingFlavor[]): TopologyCause['largest'] {
  let largest: TopologyCause['largest'] = null
  for (const { rows, slotsWhenEmpty: slots, largestDomain: domain } of flavors)
    if (slots > (largest?.slots ?? 0)) largest = { flavor: rows.name, domain, slots }
  return largest
}
