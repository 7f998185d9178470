import type { Log } from '../../../platform/log.ts'
import { backoffMs, pause, systemTimers } from '../../../platform/timers.ts'
import { type Cluster, ClusterError, type ClusterErrorCode } from '../../cluster.ts'
import type { Pod, ResourceClaim } from '../../objects.ts'
import type { PodStatus } from './podStatus.ts'

const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 5_000
const TEMPORARY: ReadonlySet<ClusterErrorCode> = new Set(['TOO_MANY_REQUESTS', 'TIMEOUT', 'UNAVAILABLE'])

/** What the kubelet writes of pods, tried for as long as it takes: an end that is lost would leave a pod running for ever. */
export class PodWriter {
  readonly #cluster: Cluster
  readonly #log: Log
  readonly #signal: AbortSignal

  constructor(cluster: Cluster, log: Log, signal: AbortSignal) {
    this.#cluster = cluster
    this.#log = log
    this.#signal = signal
  }

  /**
   * Writes the status made from the newest version of the pod, so that no one else's condition is lost.
   * @param seen newest version known
   * @returns the pod as written; null where it is gone, or where the kubelet stops
   */
  async writeStatus(seen: Pod, statusFrom: (pod: Pod) => PodStatus): Promise<Pod | null> {
    const ref = refOf(seen)
    let pod: Pod | null = seen
    while (pod !== null && pod.metadata.uid === seen.metadata.uid) {
      const patch = [
        { op: 'test', path: '/metadata/resourceVersion', value: pod.metadata.resourceVersion },
        { op: 'add', path: '/status', value: statusFrom(pod) },
      ] as const
      const outcome = await this.#persist<Pod | null | 'outdated'>(
        () => this.#cluster.patch('Pod', ref, patch, { subresource: 'status' }),
        { NOT_FOUND: null, INVALID: 'outdated' },
      )
      if (outcome !== 'outdated') return outcome
      pod = await this.#persist<Pod | null>(() => this.#cluster.get('Pod', ref), { NOT_FOUND: null })
    }
    return null
  }

  /** Ends the grace of a pod that has ended; harmless where it is gone. */
  async letGo(pod: Pod): Promise<void> {
    const { uid } = pod.metadata
    await this.#persist<unknown>(
      () => this.#cluster.delete('Pod', refOf(pod), { uid: uid as string, gracePeriodSeconds: 0 }),
      { NOT_FOUND: null, CONFLICT: null },
    )
  }

  /** null: there is none, or the kubelet stops. */
  findClaim(ref: { namespace: string; name: string }): Promise<ResourceClaim | null> {
    return this.#persist<ResourceClaim | null>(() => this.#cluster.get('ResourceClaim', ref), { NOT_FOUND: null })
  }

  /** @param answers what an expected refusal means; temporary ones are tried again until the kubelet stops */
  async #persist<T>(request: () => Promise<T>, answers: Partial<Record<ClusterErrorCode, T>>): Promise<T | null> {
    for (let attempt = 0; !this.#signal.aborted; attempt++) {
      try {
        return await request()
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error
        const answer = answers[error.code]
        if (answer !== undefined) return answer
        if (!TEMPORARY.has(error.code)) throw error
        this.#log.warn({ code: error.code }, 'kubelet: request failed, will retry')
        await pause(systemTimers, backoffMs(attempt, FIRST_RETRY_MS, LAST_RETRY_MS, Math.random), this.#signal)
      }
    }
    return null
  }
}

function refOf({ metadata }: Pod): { namespace: string; name: string } {
  return { namespace: metadata.namespace as string, name: metadata.name as string }
}
