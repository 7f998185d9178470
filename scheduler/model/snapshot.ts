import { DemandProfile, type TypicalPod } from './demand.ts'
import type { Gang } from './gang.ts'
import { compareJobs, groupKey, isGang, type PendingGroup, type PendingJob } from './job.ts'
import type { NodeState, ShareEnforcement } from './node.ts'
import { DEFAULT_POLICY } from './policy.ts'
import type { QueueState } from './queue.ts'
import type { RunningJob } from './running.ts'
import { firstIndex } from './runs.ts'
import type { TopologyLevel } from './topology.ts'

/** All that a plan is made from. Its values are never changed in place, so a plan may compare by identity. */
export interface Snapshot {
  readonly nodes: ReadonlyMap<string, NodeState>
  readonly queues: ReadonlyMap<string, QueueState>
  readonly pending: ReadonlyMap<string, PendingGroup>
  /** By uid. */
  readonly running: ReadonlyMap<string, RunningJob>
  /** A job that has waited so long goes before all priorities. */
  readonly agingMs: number
  /** Uid of the job for which places are kept, as the last plan had it; null: for none. */
  readonly reservedFor: string | null
  /** Outermost first; absent: the cluster has declared none. */
  readonly topologyLevels?: readonly TopologyLevel[]
  /** Shares of a device go only where one of these keeps them to their size; absent or empty: anywhere. */
  readonly shareEnforcements?: readonly ShareEnforcement[]
  /** Price per second and thousandth of a device by flavor, what a lease is spent at; absent: nothing is priced here. */
  readonly prices?: ReadonlyMap<string, string>
  /** What is usually asked for, so that placements leave room for it; absent or empty: nothing is known of it. */
  readonly typical?: readonly TypicalPod[]
}

/** A snapshot that is kept up to date change by change, each in time that does not grow with the cluster. */
export class LiveSnapshot implements Snapshot {
  readonly nodes = new Map<string, NodeState>()
  readonly queues = new Map<string, QueueState>()
  readonly pending = new Map<string, OpenGroup>()
  readonly running = new Map<string, RunningJob>()
  agingMs = DEFAULT_POLICY.agingMs
  topologyLevels: readonly TopologyLevel[] = DEFAULT_POLICY.topologyLevels
  shareEnforcements: readonly ShareEnforcement[] = DEFAULT_POLICY.shareEnforcements
  reservedFor: string | null = null
  readonly #jobs = new Map<string, PendingJob>()
  readonly #demand = new DemandProfile()

  get typical(): readonly TypicalPod[] {
    return this.#demand.typical
  }

  /** Number of jobs that wait. */
  get pendingJobs(): number {
    return this.#jobs.size
  }

  pendingJob(uid: string): PendingJob | undefined {
    return this.#jobs.get(uid)
  }

  /** Counts a job that was admitted before this snapshot knew it; those that wait are counted when they are set. */
  noteDemand(gang: Gang): void {
    this.#demand.note(gang)
  }

  /** Adds the job, or replaces what was known of it. */
  setPending(job: PendingJob): void {
    if (isGang(job.demand) && !this.#jobs.has(job.uid)) this.#demand.note(job.demand)
    this.removePending(job.uid)
    this.#jobs.set(job.uid, job)
    const key = groupKey(job)
    const { queue, tenantId, notBeforeMs, demand } = job
    let group = this.pending.get(key)
    if (group === undefined) {
      group = { key, queue, tenantId, notBeforeMs, demand, jobs: [] }
      this.pending.set(key, group)
    }
    group.jobs.splice(positionOf(group.jobs, job), 0, job)
  }

  removePending(uid: string): void {
    const job = this.#jobs.get(uid)
    if (job === undefined) return
    this.#jobs.delete(uid)
    const key = groupKey(job)
    const group = this.pending.get(key)
    group?.jobs.splice(positionOf(group.jobs, job), 1)
    if (group?.jobs.length === 0) this.pending.delete(key)
  }
}

type OpenGroup = PendingGroup & { readonly jobs: PendingJob[] }

/** First position whose job does not go before `job`. */
function positionOf(jobs: readonly PendingJob[], job: PendingJob): number {
  return firstIndex(0, jobs.length, (i) => compareJobs(jobs[i] as PendingJob, job) >= 0)
}
