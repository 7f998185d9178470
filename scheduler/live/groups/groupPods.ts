import { type Cluster, ClusterError, type ClusterErrorCode } from '../../../kubernetes/cluster.ts'
import type { Pod } from '../../../kubernetes/objects.ts'
import type { Log } from '../../../platform/log.ts'
import { admissionOf, type JobEntry } from '../jobEntry.ts'
import type { Ledger } from '../ledger.ts'
import type { ReadPod } from '../readPod.ts'
import type { Writes } from '../writes.ts'

interface GroupPodsDeps {
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly writes: Writes
  /** Of the present term. */
  readonly epoch: number
  readonly log: Log
  /** Runs a write to its answer. */
  readonly answered: (entry: JobEntry, what: string, run: () => Promise<void>) => Promise<void>
}

/** The pod has changed or gone meanwhile, which the watch will tell; then it is looked at again. */
const STALE: ReadonlySet<ClusterErrorCode> = new Set(['INVALID', 'CONFLICT', 'NOT_FOUND'])

/** What Kubernetes' Job controller does for a Job, and nobody for a group. */
export class GroupPods {
  readonly #deps: GroupPodsDeps
  /** Versions of pods that a delete, or a record that moves to them, is under way for. */
  readonly #asked = new WeakSet<Pod>()

  constructor(deps: GroupPodsDeps) {
    this.#deps = deps
  }

  /** Without places none of its pods may run; and what was decided on it stands on a pod that stays. */
  tend(entry: JobEntry): void {
    const { group, tenantId, change, isHeldBack, pods } = entry
    if (group === null || tenantId === null || change !== null || isHeldBack) return
    if (admissionOf(entry) === null) for (const pod of pods.values()) if (runs(pod)) this.#delete(entry, pod)
    if (group.isBehind(pods)) this.#carry(entry, group)
  }

  #delete(entry: JobEntry, { namespace, name, uid, group }: ReadPod): void {
    const { cluster, writes, log } = this.#deps
    if (group === null || this.#asked.has(group.object)) return
    this.#asked.add(group.object)
    log.info({ pod: `${namespace}/${name}`, group: group.name }, 'scheduler: deleted, its group has no places')
    const run = () => writes.run('delete pod', () => cluster.delete('Pod', { namespace, name }, { uid }))
    this.#answered(entry, 'delete', group.object, run)
  }

  #carry(entry: JobEntry, group: NonNullable<JobEntry['group']>): void {
    const { cluster, ledger, writes, epoch } = this.#deps
    const { ref, pod, patch } = group.write(entry.pods, [], String(epoch))
    if (this.#asked.has(pod)) return
    this.#asked.add(pod)
    const run = async () => ledger.confirmPod(await writes.run('carry record', () => cluster.patch('Pod', ref, patch)))
    this.#answered(entry, 'carry', pod, run)
  }

  /** A refusal for good is tried again when the group is thought of again. */
  #answered(entry: JobEntry, what: string, pod: Pod, write: () => Promise<void>): void {
    void this.#deps.answered(entry, what, async () => {
      try {
        await write()
      } catch (error) {
        if (error instanceof ClusterError && STALE.has(error.code)) return
        this.#asked.delete(pod)
        throw error
      }
    })
  }
}

function runs({ node, hasEnded, group }: ReadPod): boolean {
  return node !== null && !hasEnded && group?.isLeaving === false
}
