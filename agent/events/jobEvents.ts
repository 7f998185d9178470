import { createHash } from 'node:crypto'
import { annotations } from '../../kubernetes/names.ts'
import type { Job, Kinds } from '../../kubernetes/objects.ts'
import { decodeAssignment } from '../../scheduler/model/assignment.ts'
import { objectIn, textIn, timeIn } from '../observe/claims.ts'

type KubernetesEvent = Kinds['Event']

/** Codes of reasons that pass by themselves; all others need somebody to do something. */
const PASSING: ReadonlySet<string> = new Set([
  'WaitingForQuota',
  'InsufficientGpus',
  'InsufficientCapacity',
  'WaitingForBackoff',
  'WaitingForTurn',
  'WaitingForPreemptedWorkloads',
  'WaitingForReservation',
  'ReservedForAnother',
])
const COMPONENT = 'sluice'
/** The API server takes 1,024 bytes. */
const MAX_MESSAGE_BYTES = 1_000
const MAX_NAME_PREFIX = 200
/** Of the growths of a job those that are told: what stands on it may be anything. */
const MAX_GROWTHS = 10

/**
 * What `kubectl describe job` shall show of a Job as it stands: its admission or eviction, and why it waits.
 * An event's name follows from what it tells, so that telling it twice, by another agent even, is refused.
 */
export function jobEvents(job: Job): KubernetesEvent[] {
  const told = job.metadata.annotations ?? {}
  const isSuspended = job.spec?.suspend === true
  const evicted = isSuspended ? evictionIn(told[annotations.evicted]) : null
  const pending = isSuspended ? pendingIn(told[annotations.pending]) : null
  const admittedAt = isSuspended ? null : timeIn(told[annotations.admittedAt])
  const events: KubernetesEvent[] = []
  if (evicted) events.push(eventOf(job, { ...evicted, type: 'Warning', reason: 'Evicted' }))
  // An eviction says by itself why the job waits at first.
  if (pending && pending.at !== evicted?.at) events.push(eventOf(job, pending))
  if (admittedAt !== null) {
    const message = admissionMessage(told[annotations.assignment] ?? '')
    events.push(eventOf(job, { at: admittedAt, type: 'Normal', reason: 'Admitted', message }))
    events.push(...growthIn(told[annotations.grown]).map((grown) => eventOf(job, grown)))
  }
  return events
}

interface Told {
  at: string
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

function eventOf({ metadata }: Job, { at, type, reason, message }: Told): KubernetesEvent {
  const { name = '', namespace = '', uid = '' } = metadata
  const identity = createHash('sha256').update([uid, reason, at].join('\n')).digest('hex').slice(0, 16)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: `${name.slice(0, MAX_NAME_PREFIX)}.${identity}` },
    involvedObject: { apiVersion: 'batch/v1', kind: 'Job', namespace, name, uid },
    type,
    reason,
    message: truncated(message),
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    source: { component: COMPONENT },
  }
}

function evictionIn(text: string | undefined): { at: string; message: string } | null {
  const told = objectIn(text)
  const at = timeIn(told?.at)
  const reason = textIn(told?.reason)
  const message = textIn(told?.message)
  return at === null || reason === null || message === null ? null : { at, message: `${reason}: ${message}` }
}

function pendingIn(text: string | undefined): Told | null {
  const told = objectIn(text)
  const code = textIn(told?.code)
  const message = textIn(told?.message)
  const at = timeIn(told?.since)
  // A reason is a word; whatever else stands there was not written by the scheduler.
  if (code === null || message === null || at === null || !/^[A-Za-z]{1,64}$/.test(code)) return null
  const words = [message, textIn(told?.fix)].filter((each) => each !== null).join(' ')
  return { at, type: PASSING.has(code) ? 'Normal' : 'Warning', reason: code, message: words }
}

/** What an elastic job was given since. */
function growthIn(text: string | undefined): Told[] {
  const steps = objectIn(text)?.steps
  if (!Array.isArray(steps)) return []
  return steps.slice(-MAX_GROWTHS).flatMap((step: unknown) => {
    const { from, at } = (step ?? {}) as Record<string, unknown>
    const time = timeIn(at)
    if (time === null || typeof from !== 'number') return []
    return [{ at: time, type: 'Normal', reason: 'Grown', message: `Given slots from ${from} on beside those it had.` }]
  })
}

function admissionMessage(assignment: string): string {
  const decoded = decodeAssignment(assignment)
  if (decoded === null) return 'Unsuspended.'
  const nodes = [...new Set(decoded.slots.map(({ node }) => node))]
  const named = nodes.slice(0, 3).join(', ') + (nodes.length > 3 ? ` and ${nodes.length - 3} more` : '')
  return `Given ${decoded.slots.length} ${decoded.slots.length === 1 ? 'slot' : 'slots'} in node pool ${decoded.flavor}, on ${named}.`
}

function truncated(text: string): string {
  const bytes = Buffer.from(text)
  return bytes.length <= MAX_MESSAGE_BYTES
    ? text
    : `${bytes
        .subarray(0, MAX_MESSAGE_BYTES)
        .toString()
        .replace(/\uFFFD$/, '')}…`
}
