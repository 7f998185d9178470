import { ROLES, type Role } from './roles.ts'

/** One kill -9, and when: by how far the replay has come, never by the clock on the wall. */
export interface Kill {
  role: Role
  /** It is armed once so many pods have been submitted … */
  afterSubmissions: number
  /** … and falls at the n-th event of that type from then on: amid what follows from it. Not for ever: see killer.ts. */
  event: EventType
  nth: number
  /** How many more pods are submitted before the role is started again. */
  awayForSubmissions: number
}
const EVENTS = ['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'] as const
export type EventType = (typeof EVENTS)[number]

/** Without these, submissions are taken all the same. */
const SPARED_BY_SUBMISSIONS: ReadonlySet<Role> = new Set(['agent', 'metering'])
const MAX_NTH = 4
/** Of all pods: how long a role that can be spared stays away at most. */
const LONGEST_ABSENCE = 0.05
/** So that each kill meets a replay in full course. */
const FIRST = 0.03
const LAST = 0.92

/**
 * Every role once, in any order, and some of them again. The same for the same seed.
 * @param more kills beyond one of each role
 */
export function planKills(random: () => number, pods: number, more: number): Kill[] {
  const roles = [...ROLES, ...Array.from({ length: more }, () => pick(ROLES, random))]
  return roles
    .map((role) => ({
      role,
      afterSubmissions: Math.floor(pods * (FIRST + random() * (LAST - FIRST))),
      event: pick(EVENTS, random),
      nth: 1 + Math.floor(random() * MAX_NTH),
      awayForSubmissions: SPARED_BY_SUBMISSIONS.has(role) ? Math.floor(random() * pods * LONGEST_ABSENCE) : 0,
    }))
    .sort((a, b) => a.afterSubmissions - b.afterSubmissions)
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T
}
