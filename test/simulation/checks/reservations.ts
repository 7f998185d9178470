import { annotations, PRIORITY_OF_CLASS } from '../../../kubernetes/names.ts'
import type { Job } from '../../../kubernetes/objects.ts'
import { type Plan, plan } from '../../../scheduler/plan/plan.ts'
import { type MakeCheck, must } from './check.ts'

const EVERY_SECONDS = 5
/**
 * Requests and watches take their time, and admissions count in whole seconds; and whoever has been stopped is
 * reckoned with at once, and may take its grace.
 */
const SLACK_MS = 45_000

/**
 * A start for which places are kept is not put off. Asked only where nothing happens that could: no node is lost,
 * nobody takes over, no request fails; and a job that goes before may still take it away.
 */
export const checkReservations: MakeCheck = (world) => {
  const isAsked = world.character.disturbances.length === 0 && world.character.network.refusals === 0
  let second = 0
  let promised: { uid: string; startsAtMs: number } | null = null
  /** Started since then with a higher priority, or on places for which others were stopped. */
  let isOvertaken = false
  world.truth.jobs.onChange((change) => {
    if (change.type !== 'MODIFIED' || !change.before.spec?.suspend || change.object.spec?.suspend) return
    const hadNomination = change.before.metadata.annotations?.[annotations.nomination] !== undefined
    const promisedTo = [...world.truth.jobs.items()].find(({ metadata }) => metadata.uid === promised?.uid)
    isOvertaken ||= hadNomination || promisedTo === undefined || rank(change.object) > rank(promisedTo)
  })
  return {
    eachSecond() {
      second += 1
      const leader = world.leader()
      if (!isAsked || second % EVERY_SECONDS !== 0 || leader?.term == null) return
      const nowMs = leader.process.clock.nowMs()
      const [reserved] = startsOf(plan(leader.term.scheduler.snapshot, nowMs))
      if (reserved === undefined || reserved.uid !== promised?.uid || isOvertaken) {
        isOvertaken = false
        promised = reserved ?? null
        return
      }
      const before = promised
      must(
        reserved.startsAtMs <= before.startsAtMs + SLACK_MS && nowMs <= before.startsAtMs + SLACK_MS,
        () =>
          `places were kept from ${new Date(before.startsAtMs).toISOString()} on, now from ${new Date(reserved.startsAtMs).toISOString()}`,
      )
      promised = { uid: before.uid, startsAtMs: Math.min(before.startsAtMs, reserved.startsAtMs) }
    },
  }
}

function rank({ metadata }: Job): number {
  return PRIORITY_OF_CLASS[metadata.annotations?.[annotations.class] as keyof typeof PRIORITY_OF_CLASS] ?? 0
}

/** Where those in its way have not said when they end, no start is promised. */
function startsOf({ reservations }: Plan): { uid: string; startsAtMs: number }[] {
  return reservations.flatMap(({ job, startsAtMs }) => (startsAtMs === null ? [] : [{ uid: job.uid, startsAtMs }]))
}
