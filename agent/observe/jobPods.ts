import type { Pod } from '../../kubernetes/objects.ts'
import { controllingJob } from './observePod.ts'

/** The pods that exist of each Job, newest version of each. */
export interface JobPods {
  note(pod: Pod, exists: boolean): void
  of(jobUid: string): Pod[]
}

export function jobPods(): JobPods {
  const podsByJob = new Map<string, Map<string, Pod>>()
  return {
    note(pod, exists) {
      const job = controllingJob(pod)
      const uid = pod.metadata.uid ?? ''
      if (!job) return
      const pods = podsByJob.get(job.uid) ?? new Map<string, Pod>()
      if (exists) pods.set(uid, pod)
      else pods.delete(uid)
      if (pods.size === 0) podsByJob.delete(job.uid)
      else podsByJob.set(job.uid, pods)
    },
    of: (jobUid) => [...(podsByJob.get(jobUid)?.values() ?? [])],
  }
}
