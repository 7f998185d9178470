import type { OnFacts } from '../../../platform/facts/projection.ts'
import { attributePodsOf } from '../store/attributePods.ts'
import { lockCluster } from '../store/lockCluster.ts'
import { concludeJobs } from './concludeJobs.ts'

/** Jobs that are told of after their pods are given them; those that have ended may be complete by now. */
export function followJobs(now: () => Date): OnFacts {
  return async (tx, facts) => {
    const jobs = facts.flatMap((applied) => (applied.kind === 'job' ? [applied.fact] : []))
    if (jobs.length === 0) return
    // In one order, so that two who take several cannot deadlock.
    const clusterIds = [...new Set(jobs.map(({ clusterId }) => clusterId))].sort()
    for (const clusterId of clusterIds) await lockCluster(tx, clusterId)
    const attributed = await attributePodsOf(tx, jobs)
    const final = jobs.filter((job) => job.final).map(({ id }) => id)
    const traces = new Map(jobs.flatMap(({ id, traceparent }) => (traceparent ? [[id, traceparent]] : [])))
    await concludeJobs(tx, [...new Set([...attributed, ...final])], now(), traces)
  }
}
