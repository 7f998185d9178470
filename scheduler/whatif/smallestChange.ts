import { type DeviceRequest, type Gang, gangOf, type PodRequest } from '../model/gang.ts'
import { isGang, type PendingJob } from '../model/job.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import type { Quota, Resource } from '../model/queue.ts'
import { endOf } from '../model/running.ts'
import type { Cause } from '../plan/causes.ts'
import { Memo } from '../plan/memo.ts'
import { plan } from '../plan/plan.ts'
import type { World } from './world.ts'

/** One thing that would have the job admitted now, all else as it is. */
export type Change =
  | { readonly kind: 'FEWER_PODS'; readonly pods: number }
  | { readonly kind: 'FEWER_GPUS'; readonly gpus: number }
  | { readonly kind: 'SMALLER_SHARE'; readonly thousandths: number }
  | { readonly kind: 'LESS_CPU'; readonly cpuMilli: number }
  | { readonly kind: 'LESS_MEMORY'; readonly memoryMiB: number }
  | { readonly kind: 'OTHER_MODEL'; readonly model: string }
  | { readonly kind: 'SHORTER_RUN'; readonly maxRuntimeMs: number }
  | { readonly kind: 'OTHER_QUEUE'; readonly queue: string }
  | {
      readonly kind: 'MORE_QUOTA'
      readonly queue: string
      readonly flavor: string
      readonly resource: Resource
      /** Thousandths of a GPU, milli CPU or MiB, on top of its nominalQuota. */
      readonly by: number
    }

/** Models and queues that are tried, at most. */
const MAX_ALTERNATIVES = 8

/**
 * What would have the job admitted, from what it could give up itself, the least of it first, to what others would have
 * to give. Each has been planned, with the job so changed among all the others: what is said would happen.
 * @param world left as it was found
 * @param isOver asked before each plan; true ends the search with what has been found
 */
export function smallestChanges(
  world: World,
  job: PendingJob,
  cause: Cause,
  nowMs: number,
  { memo = new Memo(), isOver = () => false }: { memo?: Memo; isOver?: () => boolean } = {},
): Change[] {
  const { demand } = job
  if (!isGang(demand)) return []
  const trial = new Trial(world, job, nowMs, memo, isOver)
  const found: Proposed[] = []
  const propose = (proposed: Proposed | null) => {
    if (proposed !== null) found.push(proposed)
  }
  for (const kind of KINDS[cause.code] ?? []) {
    switch (kind) {
      case 'SIZE': {
        const asks = (slots: number) => trial.asks(gangOf(slots, demand.pod, demand.topology, demand.isSpread))
        propose(less(demand.slots, asks, (pods) => ({ kind: 'FEWER_PODS', pods })))
        propose(fewerGpus(demand, trial))
        break
      }
      case 'BESIDE': {
        const { cpuMilli, memoryMiB } = demand.pod
        const asks = (changed: Partial<PodRequest>) => trial.asks(withPod(demand, changed))
        propose(
          less(
            cpuMilli,
            (fewer) => asks({ cpuMilli: fewer }),
            (fewer) => ({ kind: 'LESS_CPU', cpuMilli: fewer }),
          ),
        )
        propose(
          less(
            memoryMiB,
            (fewer) => asks({ memoryMiB: fewer }),
            (fewer) => ({ kind: 'LESS_MEMORY', memoryMiB: fewer }),
          ),
        )
        break
      }
      case 'MODEL':
        for (const model of otherModels(world, demand).slice(0, MAX_ALTERNATIVES)) {
          const gpu = demand.pod.gpu && { ...demand.pod.gpu, models: [model] }
          if (trial.asks(withPod(demand, { gpu }))) propose({ change: { kind: 'OTHER_MODEL', model }, givenUp: 0.5 })
        }
        break
      case 'RUN':
        propose(shorterRun(job, cause, nowMs, trial))
        break
      case 'QUEUE':
        for (const queue of otherQueues(world, job).slice(0, MAX_ALTERNATIVES))
          if (trial.starts({ ...job, queue })) propose({ change: { kind: 'OTHER_QUEUE', queue }, givenUp: 0.5 })
        break
      case 'QUOTA':
        propose(moreQuota(world, job, cause, trial))
        break
    }
  }
  return found.sort((a, b) => a.givenUp - b.givenUp).map(({ change }) => change)
}

interface Proposed {
  readonly change: Change
  /** Of what was asked, from 0 to 1; above that, others give it. */
  readonly givenUp: number
}

type Kind = 'SIZE' | 'BESIDE' | 'MODEL' | 'RUN' | 'QUEUE' | 'QUOTA'

/** What could help against which cause. What passes by itself, and what no change of size mends, has none. */
const KINDS: Partial<Record<Cause['code'], readonly Kind[]>> = {
  WaitingForQuota: ['SIZE', 'MODEL', 'QUEUE', 'QUOTA'],
  ExceedsMaxQuota: ['SIZE', 'MODEL', 'QUEUE', 'QUOTA'],
  InsufficientGpus: ['SIZE', 'MODEL', 'RUN'],
  TopologyPlacementFailed: ['SIZE', 'MODEL'],
  PodRulesFailed: ['SIZE'],
  InsufficientCapacity: ['BESIDE', 'SIZE', 'MODEL', 'RUN'],
  NoMatchingFlavor: ['MODEL', 'SIZE'],
  GangLargerThanCluster: ['SIZE', 'BESIDE', 'MODEL'],
  WaitingForReservation: ['SIZE', 'MODEL'],
  ReservedForAnother: ['RUN', 'SIZE', 'MODEL'],
  WaitingForTurn: ['QUEUE'],
  QueueHeld: ['QUEUE'],
  QueueNotFound: ['QUEUE'],
  QueueMisconfigured: ['QUEUE'],
  AssignmentTooLarge: ['SIZE'],
}

/** Plans with the job changed in the world, and puts everything back. */
class Trial {
  readonly #world: World
  readonly #job: PendingJob
  readonly #nowMs: number
  readonly #memo: Memo
  readonly #isOver: () => boolean

  constructor(world: World, job: PendingJob, nowMs: number, memo: Memo, isOver: () => boolean) {
    this.#world = world
    this.#job = job
    this.#nowMs = nowMs
    this.#memo = memo
    this.#isOver = isOver
  }

  /** Whether the job would start now, at once or when others have been stopped for it, if it asked this. */
  asks(demand: Gang): boolean {
    return this.starts({ ...this.#job, demand })
  }

  starts(changed: PendingJob): boolean {
    if (this.#isOver()) return false
    const { uid } = changed
    const isKnown = this.#world.pendingJob(uid) !== undefined
    this.#world.setPending(changed)
    const { admissions, preemptions } = plan(this.#world, this.#nowMs, this.#memo)
    if (isKnown) this.#world.setPending(this.#job)
    else this.#world.removePending(uid)
    return admissions.some(({ job }) => job.uid === uid) || preemptions.some(({ job }) => job.uid === uid)
  }
}

/** The most of an amount, below all of it, with which it holds; what holds with more holds with less. */
function less(
  asked: number,
  holds: (amount: number) => boolean,
  changeOf: (amount: number) => Change,
): Proposed | null {
  let [low, high] = [1, asked - 1]
  let most: number | null = null
  while (low <= high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) {
      most = middle
      low = middle + 1
    } else high = middle - 1
  }
  return most === null ? null : { change: changeOf(most), givenUp: 1 - most / asked }
}

function withPod({ slots, most, pod, topology, isSpread }: Gang, changed: Partial<PodRequest>): Gang {
  return gangOf(slots, { ...pod, ...changed }, topology, isSpread, most)
}

function fewerGpus(demand: Gang, trial: Trial): Proposed | null {
  const { gpu } = demand.pod
  if (gpu === null) return null
  const asks = (changed: Partial<DeviceRequest>) => trial.asks(withPod(demand, { gpu: { ...gpu, ...changed } }))
  return gpu.thousandths < WHOLE_DEVICE
    ? less(
        gpu.thousandths,
        (thousandths) => asks({ thousandths }),
        (thousandths) => ({ kind: 'SMALLER_SHARE', thousandths }),
      )
    : less(
        gpu.count,
        (count) => asks({ count }),
        (gpus) => ({ kind: 'FEWER_GPUS', gpus }),
      )
}

/** Kept places let those pass who have ended before; so the longest run is known without a search. */
function shorterRun(job: PendingJob, cause: Cause, nowMs: number, trial: Trial): Proposed | null {
  if (!('startsAtMs' in cause) || cause.startsAtMs === null) return null
  const around = endOf(nowMs, 0, job.graceMs) ?? nowMs
  const maxRuntimeMs = Math.floor((cause.startsAtMs - around) / 1000) * 1000
  if (maxRuntimeMs < 1000 || !trial.starts({ ...job, maxRuntimeMs })) return null
  const givenUp = job.maxRuntimeMs === null ? 0 : 1 - maxRuntimeMs / job.maxRuntimeMs
  return { change: { kind: 'SHORTER_RUN', maxRuntimeMs }, givenUp }
}

/** How much more of its own the queue would need: as much as is short, or as a whole if that alone is not enough. */
function moreQuota(world: World, job: PendingJob, cause: Cause, trial: Trial): Proposed | null {
  const state = world.queues.get(job.queue)
  if (state === undefined || !('shortage' in cause)) return null
  const { flavor, resource, asked, available } = cause.shortage
  const startsWith = (by: number) => {
    world.queues.set(job.queue, { ...state, spec: { ...state.spec, quotas: raised(state.spec.quotas, cell, by) } })
    const starts = trial.starts(job)
    world.queues.set(job.queue, state)
    return starts
  }
  const cell = { flavor, resource }
  const by = [asked - available, asked].find(startsWith)
  return by === undefined ? null : { change: { kind: 'MORE_QUOTA', queue: job.queue, ...cell, by }, givenUp: 2 }
}

function raised(
  quotas: readonly Quota[],
  { flavor, resource }: Pick<Quota, 'flavor' | 'resource'>,
  by: number,
): Quota[] {
  const isIt = (quota: Quota) => quota.flavor === flavor && quota.resource === resource
  if (!quotas.some(isIt)) {
    return [...quotas, { flavor, resource, nominalQuota: by, borrowingLimit: null, lendingLimit: null }]
  }
  return quotas.map((quota) => (isIt(quota) ? { ...quota, nominalQuota: quota.nominalQuota + by } : quota))
}

/** Those that it does not name; none where any would do. */
function otherModels({ nodes }: World, { pod }: Gang): string[] {
  const named = pod.gpu?.models ?? []
  if (named.length === 0) return []
  const models = new Set<string>()
  for (const { spec } of nodes.values()) for (const { model } of spec.devices) models.add(model)
  return [...models].filter((model) => !named.includes(model)).sort()
}

/** Its tenant's own before the shared ones. */
function otherQueues({ queues }: World, job: PendingJob): string[] {
  const usable = [...queues.values()].filter(
    ({ spec }) => spec.name !== job.queue && (spec.tenantId === null || spec.tenantId === job.tenantId),
  )
  const names = usable.map(({ spec }) => ({ name: spec.name, isShared: spec.tenantId === null }))
  names.sort((a, b) => Number(a.isShared) - Number(b.isShared) || (a.name < b.name ? -1 : 1))
  return names.map(({ name }) => name)
}
