import type { Ref } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import { labels } from '../../kubernetes/names.ts'

/** Which Job object is which job of the API: a directive to delete one names the job alone. */
export interface JobObjects {
  /** Known before it exists: a deletion that follows at once must find it. */
  applied(jobId: string, ref: Ref): void
  deleted(jobId: string): void
  of(jobId: string): Ref[]
}

/**
 * What this agent has applied itself it knows for sure. Of jobs that an earlier agent applied only their
 * label tells, and a tenant can put any label on Jobs of its own. So all that claim to be the job are
 * meant: a forger loses its own, and can hide nobody else's.
 */
export function jobObjects(jobs: Informer<'Job'>): JobObjects {
  const refs = new Map<string, Ref>()
  return {
    applied: (jobId, ref) => void refs.set(jobId, ref),
    deleted: (jobId) => void refs.delete(jobId),
    of(jobId) {
      const own = refs.get(jobId)
      if (own) return [own]
      const claiming = [...jobs.items()].filter(({ metadata }) => metadata.labels?.[labels.job] === jobId)
      return claiming.map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' }))
    },
  }
}
