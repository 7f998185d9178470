import type { JobObservation } from '../../../platform/link/protocol.ts'
import type { Pending } from './job.ts'

/**
 * Why a job waits and why it was evicted come from annotations, which tenants can write on their own
 * Jobs. What is not in the form that the scheduler writes says nothing.
 */
export function claimedPending({ pending }: JobObservation): Pending | null {
  if (!pending || !areTexts(pending.code, pending.message) || !isTime(pending.since)) return null
  const { code, message, fix, since } = pending
  return { code, message, fix: typeof fix === 'string' ? fix : null, since }
}

export function claimedEviction({ evicted }: JobObservation): JobObservation['evicted'] {
  if (!evicted || !areTexts(evicted.reason, evicted.message) || !isTime(evicted.at)) return null
  return evicted
}

function areTexts(...values: unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
