import type { Job } from '../../../kubernetes/objects.ts'
import { type MakeCheck, must } from './check.ts'
import { hasEnded } from './devices.ts'

/**
 * A gang some of whose pods run while others are wanted is put right so soon, the longest outage and a takeover
 * included: its last pods are bound, or it is stopped.
 */
const WHOLE_WITHIN_MS = 360_000
const EVERY_SECONDS = 5

export const checkGangs: MakeCheck = ({ truth, time }) => {
  const partialSinceMs = new Map<string, number>()
  let second = 0
  return {
    eachSecond() {
      second += 1
      if (second % EVERY_SECONDS !== 0) return
      const bound = new Map<string, number>()
      const waiting = new Map<string, number>()
      for (const pod of truth.pods.items()) {
        if (hasEnded(pod) || pod.metadata.deletionTimestamp !== undefined) continue
        const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid ?? ''
        const counts = pod.spec?.nodeName ? bound : waiting
        counts.set(owner, (counts.get(owner) ?? 0) + 1)
      }
      for (const job of truth.jobs.items()) {
        const uid = job.metadata.uid ?? ''
        const isPartial = !isOver(job) && (bound.get(uid) ?? 0) > 0 && (waiting.get(uid) ?? 0) > 0
        if (!isPartial) partialSinceMs.delete(uid)
        else if (!partialSinceMs.has(uid)) partialSinceMs.set(uid, time.nowMs)
        const forMs = time.nowMs - (partialSinceMs.get(uid) ?? time.nowMs)
        must(forMs <= WHOLE_WITHIN_MS, () => `${job.metadata.name} runs in part for ${forMs / 1_000} s`)
      }
    },
  }
}

export function isOver({ metadata, status }: Job): boolean {
  const ends = status?.conditions?.some((c) => c.status === 'True' && (c.type === 'Complete' || c.type === 'Failed'))
  return ends === true || metadata.deletionTimestamp !== undefined
}
