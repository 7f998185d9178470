import { type Cluster, gone, type JsonPatch } from '../../../kubernetes/cluster.ts'
import type { Job } from '../../../kubernetes/objects.ts'
import type { JobEntry } from '../jobEntry.ts'
import type { Ledger } from '../ledger.ts'

/** What bears a job's decisions: the Job itself, or of a group one of its pods. Nobody else has to tell the two apart. */
export interface JobObject {
  /** Writes the patch, which was made for the Job as it is known now. */
  patch(): Promise<void>
  /** Reads it again; null: it is gone. */
  read(): Promise<Job | null>
}

/** @param patch for the entry's present `object`, so make no pause between the two */
export function jobObject(cluster: Cluster, ledger: Ledger, entry: JobEntry, patch: JsonPatch): JobObject {
  return entry.group === null ? job(cluster, ledger, entry, patch) : podOfGroup(cluster, ledger, entry, patch)
}

function job(cluster: Cluster, ledger: Ledger, { uid, read }: JobEntry, patch: JsonPatch): JobObject {
  const ref = { namespace: read?.namespace ?? '', name: read?.name ?? '' }
  return {
    patch: async () => ledger.confirmJob(await cluster.patch('Job', ref, patch)),
    async read() {
      const found = await cluster.get('Job', ref).catch(gone)
      if (found?.metadata.uid !== uid) return null
      ledger.confirmJob(found)
      return found
    },
  }
}

function podOfGroup(cluster: Cluster, ledger: Ledger, entry: JobEntry, patch: JsonPatch): JobObject {
  const write = entry.group?.write(entry.pods, patch)
  if (write === undefined) throw new Error('only a group’s decisions stand on a pod')
  const { ref, pod } = write
  return {
    patch: async () => ledger.confirmPod(await cluster.patch('Pod', ref, write.patch)),
    async read() {
      const found = await cluster.get('Pod', ref).catch(gone)
      if (found !== null && found.metadata.uid === pod.metadata.uid) ledger.confirmPod(found)
      // The next write goes to another pod of the group, while there are any.
      else ledger.removePod(pod)
      return ledger.entries.get(entry.uid) === entry ? entry.object : null
    },
  }
}
