import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import { SCHEDULING_POLICY } from '../../kubernetes/names.ts'
import type { SchedulingPolicy } from '../../kubernetes/objects.ts'
import { type DomainClock, toSecondsTimestamp } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import { DEFAULT_AGING_MS, DEFAULT_PATIENCE, type Patience } from '../model/policy.ts'

interface PolicyBookDeps {
  readonly cluster: Cluster
  readonly policies: Informer<'SchedulingPolicy'>
  readonly clock: Pick<DomainClock, 'nowMs'>
  readonly timers: Timers
  readonly log: Log
}

const RETRY_MS = 5_000

/** The cluster's SchedulingPolicy: followed from the moment it is seen, and told so in its status. */
export class PolicyBook {
  patience: Patience = DEFAULT_PATIENCE
  agingMs = DEFAULT_AGING_MS
  readonly #deps: PolicyBookDeps
  readonly #unsubscribe: () => void
  #isStopped = false
  #cancelRetry = () => {}

  constructor(deps: PolicyBookDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.policies.onChange(({ type, object }) => {
      if (object.metadata.name !== SCHEDULING_POLICY) return
      this.patience = type === 'DELETED' ? DEFAULT_PATIENCE : patienceOf(object)
      const agingSeconds = type === 'DELETED' ? undefined : object.spec.order?.agingSeconds
      this.agingMs = agingSeconds === undefined ? DEFAULT_AGING_MS : agingSeconds * 1_000
      if (type !== 'DELETED') void this.#acknowledge(object)
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#unsubscribe()
    this.#cancelRetry()
  }

  async #acknowledge({ metadata, status }: SchedulingPolicy): Promise<void> {
    const { cluster, clock, timers, log, policies } = this.#deps
    const { name = '', uid, generation = 0 } = metadata
    const known = status?.conditions?.find(({ type }) => type === 'Active')
    if (this.#isStopped || known?.observedGeneration === generation) return
    const condition = {
      type: 'Active',
      status: 'True',
      reason: 'Followed',
      message: 'The scheduler follows this policy.',
      lastTransitionTime: known?.lastTransitionTime ?? toSecondsTimestamp(clock.nowMs()),
      observedGeneration: generation,
    }
    try {
      const value = { observedGeneration: generation, conditions: [condition] }
      const patch = [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'add', path: '/status', value },
      ] as const
      await cluster.patch('SchedulingPolicy', { name }, patch, { subresource: 'status' })
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      log.debug({ code: error.code }, 'scheduler: status of the scheduling policy not written')
      this.#cancelRetry = timers.after(RETRY_MS, () => {
        const current = policies.get({ name })
        if (current) void this.#acknowledge(current)
      })
    }
  }
}

/** Its schema lets no number through that would make no sense, and fills in those that are missing. */
function patienceOf({ spec }: SchedulingPolicy): Patience {
  const { gangStart, requeue } = spec
  return {
    gangBaseMs: gangStart.baseSeconds * 1_000,
    gangPodsPerSecond: gangStart.podsPerSecond,
    firstBackoffMs: requeue.firstBackoffSeconds * 1_000,
    lastBackoffMs: requeue.lastBackoffSeconds * 1_000,
    avoidNodeMs: requeue.avoidNodeSeconds * 1_000,
  }
}
