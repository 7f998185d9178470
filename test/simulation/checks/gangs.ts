import { annotations } from '../../../kubernetes/names.ts'
import type { Job, Pod } from '../../../kubernetes/objects.ts'
import { type MakeCheck, must } from './check.ts'
import { hasEnded } from './devices.ts'

/**
 * A gang some of whose pods run while others are wanted is put right so soon, the longest outage and a takeover
 * included: its last pods are bound, or it is stopped.
 */
const WHOLE_WITHIN_MS = 360_000
const EVERY_SECONDS = 5

/** No pod of a gang is bound before each of its slots has had one made for it; none runs in part for long. */
export const checkGangs: MakeCheck = ({ truth, time, looking }) => {
  const partialSinceMs = new Map<string, number>()
  /** Pods made for each Job since it was unsuspended. */
  const made = new Map<string, Set<string>>()
  truth.jobs.onChange((change) => {
    if (change.object.spec?.suspend || change.type === 'DELETED') made.delete(change.object.metadata.uid ?? '')
  })
  truth.pods.onChange(
    looking((change) => {
      const { object: pod } = change
      const job = [...truth.jobs.items()].find(({ metadata }) => metadata.uid === ownerOf(pod))
      if (job === undefined || job.spec?.suspend) return
      const pods = made.get(ownerOf(pod)) ?? new Set()
      made.set(ownerOf(pod), pods.add(pod.metadata.uid ?? ''))
      if (change.type !== 'MODIFIED' || change.before.spec?.nodeName || !pod.spec?.nodeName) return
      // What an elastic one is given while it runs does not wait for all of it.
      const isElastic = job.metadata.annotations?.[annotations.minCount] !== undefined
      if (isElastic && [...truth.pods.items()].some((other) => runsBeside(other, pod))) return
      const { parallelism = 1, completions = parallelism } = job.spec ?? {}
      const wanted = Math.min(parallelism, completions - (job.status?.succeeded ?? 0))
      must(
        pods.size >= wanted,
        () => `${pod.metadata.name} is bound, and only ${pods.size} of ${wanted} pods were made`,
      )
    }),
  )
  let second = 0
  return {
    eachSecond() {
      second += 1
      if (second % EVERY_SECONDS !== 0) return
      const bound = new Map<string, number>()
      const waiting = new Map<string, number>()
      for (const pod of truth.pods.items()) {
        if (hasEnded(pod) || pod.metadata.deletionTimestamp !== undefined) continue
        const owner = ownerOf(pod)
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

function runsBeside(other: Pod, pod: Pod): boolean {
  return (
    ownerOf(other) === ownerOf(pod) && other.metadata.uid !== pod.metadata.uid && isBound(other) && !hasEnded(other)
  )
}

function isBound({ spec }: Pod): boolean {
  return spec?.nodeName !== undefined
}

export function isOver({ metadata, status }: Job): boolean {
  const ends = status?.conditions?.some((c) => c.status === 'True' && (c.type === 'Complete' || c.type === 'Failed'))
  return ends === true || metadata.deletionTimestamp !== undefined
}

function ownerOf({ metadata }: Pod): string {
  return metadata.ownerReferences?.find(({ controller }) => controller)?.uid ?? ''
}
