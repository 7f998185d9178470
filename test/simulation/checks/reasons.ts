import { annotations } from '../../../kubernetes/names.ts'
import type { Job } from '../../../kubernetes/objects.ts'
import { plan } from '../../../scheduler/plan/plan.ts'
import type { World } from '../world.ts'
import { type MakeCheck, must } from './check.ts'
import { isOver } from './gangs.ts'

/** How long a reason may be missing or out of date, of the time in which the cluster could be told. */
const TOLD_WITHIN_SECONDS = 150
/** The same where no request is lost: a reason is written at most every 30 s, and the watch takes a little. */
const TOLD_WITHIN_SECONDS_UNDISTURBED = 45
const EVERY_SECONDS = 5

/** Every job that waits says why, and that is the reason for which it waits now. */
export const checkReasons: MakeCheck = (world) => {
  const { truth, character } = world
  const wrongFor = new Map<string, { said: string | null; seconds: number }>()
  const isQuiet = character.disturbances.length === 0 && losesNothing(world)
  const limit = isQuiet ? TOLD_WITHIN_SECONDS_UNDISTURBED : TOLD_WITHIN_SECONDS
  let second = 0
  return {
    eachSecond() {
      second += 1
      const term = world.leader()?.term
      if (second % EVERY_SECONDS !== 0 || term === null || term === undefined || !canTell(world)) return
      const due = new Map<string, string>()
      const { snapshot } = term.scheduler
      for (const { jobs, cause } of plan(snapshot, world.leader()?.process.clock.nowMs() ?? 0).explanations)
        for (const { uid } of jobs) due.set(uid, cause.code)
      for (const job of truth.jobs.items()) {
        const uid = job.metadata.uid ?? ''
        const said = codeOf(job)
        const isRight = said !== null && (due.get(uid) ?? said) === said
        if (!job.spec?.suspend || isOver(job) || isRight) {
          wrongFor.delete(uid)
          continue
        }
        const before = wrongFor.get(uid)
        const seconds = before?.said === said ? before.seconds + EVERY_SECONDS : 0
        wrongFor.set(uid, { said, seconds })
        must(seconds <= limit, () => `${job.metadata.name} says ${said} for ${seconds} s, and it is ${due.get(uid)}`)
      }
    },
  }
}

/** No outage, nothing held up: what the leader writes comes through, by and by. */
function canTell({ network, time, leader }: World): boolean {
  return time.nowMs - network.lastOutageMs > 15_000 && leader()?.process.state === 'running'
}

function losesNothing({ character: { network } }: World): boolean {
  return network.refusals + network.lostRequests + network.lostReplies + network.watchEnds + network.watchExpiries === 0
}

export function codeOf({ metadata }: Job): string | null {
  const text = metadata.annotations?.[annotations.pending]
  return text === undefined ? null : JSON.parse(text).code
}
