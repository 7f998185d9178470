import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import { SCHEDULING_POLICY } from '../../kubernetes/names.ts'
import type { SchedulingPolicy } from '../../kubernetes/objects.ts'
import { type DomainClock, toSecondsTimestamp } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import { DEFAULT_POLICY, type Patience, type Policy } from '../model/policy.ts'
import { readPolicy } from './readPolicy.ts'

interface PolicyBookDeps {
  readonly cluster: Cluster
  readonly policies: Informer<'SchedulingPolicy'>
  readonly clock: Pick<DomainClock, 'nowMs'>
  readonly timers: Timers
  readonly log: Log
  /** Told whenever the policy is another. */
  readonly changed: (policy: Policy) => void
}

const RETRY_MS = 5_000

/** The cluster's SchedulingPolicy: followed from the moment it is seen, and told so in its status. */
export class PolicyBook {
  patience: Patience = DEFAULT_POLICY.patience
  readonly #deps: PolicyBookDeps
  readonly #unsubscribe: () => void
  #isStopped = false
  #cancelRetry = () => {}

  constructor(deps: PolicyBookDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.policies.onChange(({ type, object }) => {
      if (object.metadata.name !== SCHEDULING_POLICY) return
      const policy = type === 'DELETED' ? DEFAULT_POLICY : readPolicy(object)
      this.patience = policy.patience
      deps.changed(policy)
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
