import type { Log } from '../../../platform/log.ts'
import type { EventType, Kill } from './kills.ts'
import type { Role } from './roles.ts'

/** Carries out what was planned, as the replay comes to it. */
export interface Killer {
  submitted(count: number): void
  seen(type: string): void
  isAway(role: Role): boolean
  /** Resolves at once, unless a role should be back by now: how far the replay comes without it is part of the plan. */
  whenNotLate(): Promise<void>
  /** Kills that have been survived so far. */
  readonly done: readonly Kill[]
  /** Resolves when all of it has been carried out, and every role is back. */
  readonly ended: Promise<void>
  /** Rejects where a role could not be killed, or did not come back. */
  readonly failed: Promise<never>
}

interface KillerOptions {
  /** In the order of their submissions. */
  kills: readonly Kill[]
  kill(role: Role): Promise<void>
  start(role: Role): Promise<void>
  log: Log
}

/** A kill whose events do not come falls after so many submissions more: all are carried out, whatever the workload. */
const LATEST_AFTER_SUBMISSIONS = 20

/** One outage at a time: its moment is waited for only when the one before is over. */
export function startKiller({ kills, kill, start, log }: KillerOptions): Killer {
  const done: Kill[] = []
  let away: { role: Role; untilSubmissions: number } | null = null
  const seen = new Map<string, number>()
  let submissions = 0
  let progress = Promise.withResolvers<void>()
  const onProgress = () => {
    progress.resolve()
    progress = Promise.withResolvers()
  }

  async function whenTrue(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await progress.promise
  }
  const countOf = (event: EventType) => seen.get(event) ?? 0

  async function run(): Promise<void> {
    for (const planned of kills) {
      const { role, afterSubmissions, event, nth, awayForSubmissions } = planned
      await whenTrue(() => submissions >= afterSubmissions)
      const before = countOf(event)
      const latest = afterSubmissions + LATEST_AFTER_SUBMISSIONS
      await whenTrue(() => countOf(event) >= before + nth || submissions >= latest)
      const untilSubmissions = submissions + awayForSubmissions
      away = { role, untilSubmissions }
      log.info({ ...planned, submissions }, 'killing')
      await kill(role)
      await whenTrue(() => submissions >= untilSubmissions)
      await start(role)
      away = null
      log.info({ role, submissions }, 'is back')
      done.push(planned)
      onProgress()
    }
  }

  const ended = run()
  return {
    submitted(count) {
      submissions = count
      onProgress()
    },
    seen(type) {
      seen.set(type, (seen.get(type) ?? 0) + 1)
      onProgress()
    },
    isAway: (role) => away?.role === role,
    whenNotLate: () => whenTrue(() => away === null || submissions < away.untilSubmissions),
    done,
    ended,
    failed: ended.then(() => new Promise<never>(() => {})),
  }
}
