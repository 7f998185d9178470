import { type Cluster, ClusterError, type JsonPatch } from '../../kubernetes/cluster.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { jobObject } from './groups/jobObject.ts'
import type { JobEntry } from './jobEntry.ts'
import type { Ledger } from './ledger.ts'
import type { Writes } from './writes.ts'

/** `refused`: the Job is no longer one that the patch was meant for, and what is known of it is its newest state. */
export type ChangeOutcome = 'done' | 'refused' | 'gone'

/** Times that a patch is made anew for a Job that others keep writing to. */
const MAX_ATTEMPTS = 5

/**
 * Patches a Job until it has the change, or until it is clear that it shall not have it. An answer that
 * was lost, and a version that was old, both come back as a refused test: the Job is read again then,
 * and its present state decides.
 * @param isDone whether that version has the change
 * @param patchOf the patch for that version; null where it shall not have the change
 */
export async function changeJob(
  cluster: Cluster,
  writes: Writes,
  ledger: Ledger,
  entry: JobEntry,
  isDone: (job: Job) => boolean,
  patchOf: (job: Job) => JsonPatch | null,
): Promise<ChangeOutcome> {
  let job = entry.object
  for (let attempt = 0; attempt < MAX_ATTEMPTS && job !== null; attempt++) {
    const patch = patchOf(job)
    if (patch === null) return 'refused'
    const object = jobObject(cluster, ledger, entry, patch)
    try {
      await writes.run('patch Job', object.patch)
      return 'done'
    } catch (error) {
      if (!isStale(error)) throw error
    }
    job = await writes.run('get Job', object.read)
    if (job === null) return 'gone'
    if (isDone(job)) return 'done'
  }
  return 'refused'
}

function isStale(error: unknown): boolean {
  return error instanceof ClusterError && ['INVALID', 'CONFLICT', 'NOT_FOUND'].includes(error.code)
}
