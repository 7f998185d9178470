import type { Job, Pod } from '../../../objects.ts'
import { parseIndexes } from './indexRanges.ts'
import { indexOf, isActive, isFailed, isTerminating, isTracked } from './jobPods.ts'
import { failureAction } from './podFailurePolicy.ts'

/** How a Job stands, by its last status and what has become of its pods since. */
export interface Tally {
  active: Pod[]
  terminating: Pod[]
  /** Ended and not counted before. */
  newSucceeded: Pod[]
  newFailed: Pod[]
  /** Counts with the new ones in it. */
  succeeded: number
  failed: number
  /** Indexes that succeeded; empty where the Job has none. */
  completedIndexes: Set<number>
}

export function tallyPods(job: Job, pods: Pod[]): Tally {
  const isIndexed = job.spec?.completionMode === 'Indexed'
  const countable = pods.filter((pod) => isTracked(pod) && (!isIndexed || hasIndex(pod, job)))
  const newSucceeded = countable.filter((pod) => pod.status?.phase === 'Succeeded')
  const newFailed = countable.filter((pod) => isFailed(pod, job))
  const completions = job.spec?.completions ?? 0
  // A Job that was made smaller forgets those beyond it.
  const completedIndexes = new Set([...parseIndexes(job.status?.completedIndexes)].filter((i) => i < completions))
  for (const pod of newSucceeded) if (isIndexed) completedIndexes.add(indexOf(pod) as number)
  return {
    active: pods.filter(isActive),
    terminating: pods.filter(isTerminating),
    newSucceeded,
    newFailed,
    succeeded: isIndexed ? completedIndexes.size : (job.status?.succeeded ?? 0) + newSucceeded.length,
    failed: (job.status?.failed ?? 0) + newFailed.filter((pod) => failureAction(job, pod) !== 'Ignore').length,
    completedIndexes,
  }
}

function hasIndex(pod: Pod, job: Job): boolean {
  const index = indexOf(pod)
  return index !== null && index < (job.spec?.completions ?? 0)
}
