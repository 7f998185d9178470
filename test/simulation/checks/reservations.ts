import { annotations } from '../../../kubernetes/names.ts'
import type { PendingJob } from '../../../scheduler/model/job.ts'
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
  let promised: Start | null = null
  /** As the scheduler counts them, also those whose admission is still under way. */
  let ran = new Set<string>()
  /** Since then others have been stopped for somebody. */
  let isAnyStopped = false
  world.truth.jobs.onChange(({ object }) => {
    isAnyStopped ||= object.metadata.annotations?.[annotations.nomination] !== undefined
  })
  return {
    eachSecond() {
      second += 1
      const leader = world.leader()
      if (!isAsked || second % EVERY_SECONDS !== 0 || leader?.term == null) return
      const { snapshot } = leader.term.scheduler
      const nowMs = leader.process.clock.nowMs()
      const [reserved] = startsOf(plan(snapshot, nowMs))
      // Room that others are making for somebody is reckoned with, and is that one's.
      const isAnyNominated = [...snapshot.pending.values()].some(({ jobs }) =>
        jobs.some((job) => job.nomination !== null),
      )
      const before = promised
      const isOvertaken = [...snapshot.running.values()].some(
        ({ uid, priority }) => !ran.has(uid) && priority > (before?.job.priority ?? 0),
      )
      const isExcused = isAnyNominated || isAnyStopped || isOvertaken
      isAnyStopped = false
      ran = new Set(snapshot.running.keys())
      if (isExcused || reserved === undefined || reserved.job.uid !== before?.job.uid) {
        promised = isAnyNominated ? null : (reserved ?? null)
        return
      }
      must(
        reserved.startsAtMs <= before.startsAtMs + SLACK_MS && nowMs <= before.startsAtMs + SLACK_MS,
        () =>
          `places were kept from ${new Date(before.startsAtMs).toISOString()} on, now from ${new Date(reserved.startsAtMs).toISOString()}`,
      )
      promised = { job: before.job, startsAtMs: Math.min(before.startsAtMs, reserved.startsAtMs) }
    },
  }
}

interface Start {
  readonly job: PendingJob
  readonly startsAtMs: number
}

/** Where those in its way have not said when they end, no start is promised. */
function startsOf({ reservations }: Plan): Start[] {
  return reservations.flatMap(({ job, startsAtMs }) => (startsAtMs === null ? [] : [{ job, startsAtMs }]))
}
