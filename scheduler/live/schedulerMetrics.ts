import type { REPLICA_ROLES } from '../../platform/telemetry/metric.ts'
import { count, record, sampled, secondsSince } from '../../platform/telemetry/metrics.ts'
import type { Explanation, Plan } from '../plan/plan.ts'
import { evictedAtMs } from './evictedAt.ts'
import type { JobEntry } from './jobEntry.ts'
import type { Ledger } from './ledger.ts'
import { sampleCluster } from './sampleCluster.ts'
import { sampleQueues } from './sampleQueues.ts'
import type { SchedulerCaches } from './scheduler.ts'
import type { TroubleReason } from './trouble.ts'

export type ReplicaRole = (typeof REPLICA_ROLES)[number]

interface SchedulerMetricsDeps {
  readonly ledger: Ledger
  readonly caches: SchedulerCaches
  readonly replicaRole: () => ReplicaRole
}

/** What a scheduler has done, and what stands in its ledger whenever somebody asks. */
export class SchedulerMetrics {
  readonly #deps: SchedulerMetricsDeps
  readonly #ends: (() => void)[]
  /** Of the newest plan. */
  #explanations: readonly Explanation[] = []
  #busySinceMs: number | null = null

  constructor(deps: SchedulerMetricsDeps) {
    this.#deps = deps
    const { ledger, caches, replicaRole } = deps
    this.#ends = [
      ...sampleQueues(ledger, () => this.#explanations, replicaRole),
      ...sampleCluster(ledger, replicaRole),
      sampled('sluice_scheduler_cache_size', (sample) => {
        for (const type of ['jobs', 'pods', 'nodes', 'queues', 'namespaces'] as const) {
          sample(caches[type].size, { type, replica_role: replicaRole() })
        }
      }),
      sampled('sluice_scheduler_busy_seconds', (sample) => {
        sample(this.#busySinceMs === null ? 0 : secondsSince(this.#busySinceMs), { replica_role: replicaRole() })
      }),
    ]
  }

  /** Whether there is something to decide, or an answer is awaited. */
  setBusy(isBusy: boolean): void {
    this.#busySinceMs = isBusy ? (this.#busySinceMs ?? performance.now()) : null
  }

  planned({ admissions, explanations }: Plan, seconds: number): void {
    const replica_role = this.#deps.replicaRole()
    this.#explanations = explanations
    record('sluice_scheduler_plan_duration_seconds', { replica_role }, seconds)
    const outcome = admissions.length > 0 ? 'admitted' : 'unchanged'
    count('sluice_scheduler_cycles_total', { outcome, replica_role })
  }

  /** @param before the Job as it was when the admission was decided */
  admitted(entry: JobEntry, before: JobEntry['object'], admittedAtMs: number): void {
    const replica_role = this.#deps.replicaRole()
    count('sluice_admission_attempts_total', { result: 'admitted', replica_role })
    const sinceMs = evictedAtMs(before) ?? entry.read?.createdMs
    if (sinceMs === undefined) return
    const waitSeconds = Math.max(0, admittedAtMs - sinceMs) / 1_000
    record('sluice_admission_wait_time_seconds', { queue: entry.queue, replica_role }, waitSeconds)
  }

  notAdmitted(result: 'conflict' | 'failed'): void {
    count('sluice_admission_attempts_total', { result, replica_role: this.#deps.replicaRole() })
  }

  bindAnswered(result: 'bound' | 'conflict' | 'failed'): void {
    count('sluice_binds_total', { result, replica_role: this.#deps.replicaRole() })
  }

  evicted({ queue }: JobEntry, reason: TroubleReason): void {
    count('sluice_evicted_workloads_total', { queue, reason, replica_role: this.#deps.replicaRole() })
  }

  stop(): void {
    for (const end of this.#ends) end()
  }
}
