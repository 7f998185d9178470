import { gpuThousandths, wishedSlots } from '../model/gang.ts'
import { isGang } from '../model/job.ts'
import { ANY_FLAVOR, type Quota, RESOURCES, type Resource } from '../model/queue.ts'
import { protectedUntil, type RunningJob } from '../model/running.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { Memo } from './memo.ts'
import type { TreeQueue } from './queueTree.ts'

/** What stands in one queue. */
export interface QueueFigures {
  readonly queue: string
  /** See Shares: of the queue with all below it. */
  readonly weightedShare: number
  /** For ANY_FLAVOR of every resource, and for each flavor of which it has a quota or holds something. */
  readonly cells: readonly CellFigures[]
}

/** Of the queue's own jobs and its own quota, in one flavor: thousandths of a GPU, milli CPU or MiB. */
export interface CellFigures {
  readonly flavor: string
  readonly resource: Resource
  readonly used: number
  /** What waiting jobs ask; of no flavor in particular until they are admitted, so 0 but for ANY_FLAVOR. */
  readonly pending: number
  /** null: the queue has no quota here. */
  readonly nominal: number | null
  /** Used beyond its own, where anybody in its tree has a quota here. */
  readonly borrowed: number
  /** Of its own, what others of its tree use: of all they borrow, in proportion to what each leaves idle. */
  readonly lent: number
  /** Of what it lends, what it could have back at once, from jobs that may be stopped. */
  readonly reclaimable: number
}

/** What every queue has, lends and borrows. */
export function queueFigures(snapshot: Snapshot, nowMs: number, memo: Memo = new Memo()): QueueFigures[] {
  const { tree, shares } = memo.begin(snapshot)
  const pending = pendingOf(snapshot)
  const runningIn = Map.groupBy(snapshot.running.values(), ({ queue }) => queue)
  const cells = new Map<TreeQueue, CellFigures[]>(tree.queues.map((queue) => [queue, []]))
  for (const queues of Map.groupBy(tree.queues, ({ root }) => root).values()) {
    for (const flavor of flavorsOf(queues, snapshot)) {
      for (const resource of RESOURCES) {
        const all = queues.map((queue) => standOf(queue, flavor, resource, snapshot))
        const isBounded = all.some(({ quota }) => quota !== undefined)
        const borrowed = sum(all.map(({ over }) => (isBounded ? over : 0)))
        const idle = sum(all.map((stand) => stand.idle))
        const takable = isBounded ? sum(all.map((stand) => stoppable(stand, runningIn, nowMs))) : 0
        for (const { queue, quota, used, over, idle: own } of all) {
          const asked = flavor === ANY_FLAVOR ? (pending.get(queue.spec.name)?.[resource] ?? 0) : 0
          if (flavor !== ANY_FLAVOR && quota === undefined && used === 0) continue
          const lent = idle === 0 ? 0 : Math.floor(own * Math.min(1, borrowed / idle))
          cells.get(queue)?.push({
            flavor,
            resource,
            used,
            pending: asked,
            nominal: quota?.nominalQuota ?? null,
            borrowed: isBounded ? over : 0,
            lent,
            reclaimable: Math.min(lent, takable),
          })
        }
      }
    }
  }
  return tree.queues.map((queue) => ({
    queue: queue.spec.name,
    weightedShare: shares.of(queue, null),
    cells: cells.get(queue) ?? [],
  }))
}

interface Stand {
  readonly queue: TreeQueue
  readonly flavor: string
  readonly resource: Resource
  readonly quota: Quota | undefined
  readonly used: number
  /** Used beyond its own. */
  readonly over: number
  /** Of its own, what it leaves to others. */
  readonly idle: number
}

function standOf(queue: TreeQueue, flavor: string, resource: Resource, { queues }: Snapshot): Stand {
  const quota = queue.spec.quotas.find((each) => each.flavor === flavor && each.resource === resource)
  let used = 0
  for (const [of, amounts] of queues.get(queue.spec.name)?.usage ?? [])
    if (flavor === ANY_FLAVOR || of === flavor) used += amounts[resource]
  const nominal = quota?.nominalQuota ?? 0
  const lendable = Math.min(quota?.lendingLimit ?? nominal, Math.max(0, nominal - used))
  return { queue, flavor, resource, quota, used, over: Math.max(0, used - nominal), idle: lendable }
}

/** Of what the queue has beyond its own, what jobs hold that may be stopped. */
function stoppable(stand: Stand, runningIn: ReadonlyMap<string, RunningJob[]>, nowMs: number): number {
  const { spec } = stand.queue
  if (stand.over === 0) return 0
  let held = 0
  for (const job of runningIn.get(spec.name) ?? []) {
    const isProtected = job.isGoing || !job.preemptible || protectedUntil(job, spec) > nowMs
    if (!isProtected && (stand.flavor === ANY_FLAVOR || stand.flavor === job.flavor))
      held += job.amounts[stand.resource]
  }
  return Math.min(stand.over, held)
}

function flavorsOf(queues: readonly TreeQueue[], snapshot: Snapshot): Set<string> {
  const flavors = new Set([ANY_FLAVOR])
  for (const { spec } of queues) {
    for (const { flavor } of spec.quotas) flavors.add(flavor)
    for (const flavor of snapshot.queues.get(spec.name)?.usage.keys() ?? []) flavors.add(flavor)
  }
  return flavors
}

function pendingOf({ pending }: Snapshot): Map<string, Record<Resource, number>> {
  const asked = new Map<string, Record<Resource, number>>()
  for (const { queue, demand, jobs } of pending.values()) {
    if (!isGang(demand)) continue
    const amounts = asked.get(queue) ?? { GPU: 0, CPU: 0, MEMORY: 0 }
    const pods = jobs.length * wishedSlots(demand)
    amounts.GPU += pods * gpuThousandths(demand.pod)
    amounts.CPU += pods * demand.pod.cpuMilli
    amounts.MEMORY += pods * demand.pod.memoryMiB
    asked.set(queue, amounts)
  }
  return asked
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
