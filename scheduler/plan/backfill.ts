import type { Assignment } from '../model/assignment.ts'
import type { PendingJob } from '../model/job.ts'
import { endOf, type RunningJob } from '../model/running.ts'
import { countPlaces, release } from './holdings.ts'
import type { Ground } from './memo.ts'
import type { MatchingFlavor, Shape } from './shape.ts'
import type { Standing } from './standing.ts'

/** A job at its turn. */
interface Tried {
  readonly job: PendingJob
  /** See rankOf. */
  readonly rank: number
  readonly standing: Standing
}

/** Most jobs for which it is looked in one plan when those in their way will have ended; one of them gets the places. */
const MAX_TRIES = 2

/**
 * Keeps places for the first job that finds no room, and lets others on them who will have ended in time. They stay
 * that job's from plan to plan, until it starts or one of a higher rank finds no room.
 */
export class Backfill {
  readonly #ground: Ground
  readonly #nowMs: number
  readonly #ending: readonly Ending[]
  #tries = 0
  #reserved: Reserved | null = null

  constructor(ground: Ground, running: Iterable<RunningJob>, nowMs: number) {
    this.#ground = ground
    this.#nowMs = nowMs
    this.#ending = endings(running, nowMs)
  }

  /** Null: for nobody. */
  get reserved(): Reserved | null {
    return this.#reserved
  }

  /** False where nobody has said when it ends, so that nothing can be kept for a time. */
  get isPossible(): boolean {
    return this.#ending.length > 0
  }

  /** The job that had places kept for it by the last plan. */
  resume(tried: Tried): void {
    this.#reserved = reserve(this.#ground, tried, this.#ending, this.#nowMs)
  }

  /** Before a job is tried: what is kept is not there for it, unless it goes before or will have ended. */
  before({ job, rank }: Tried): void {
    const reserved = this.#reserved
    if (reserved === null) return
    const goesFirst = job.uid === reserved.job.uid || rank > reserved.rank
    reserved.setTaken(!goesFirst && !reserved.letsPass(job, this.#nowMs))
  }

  /** After it was admitted. */
  started(job: PendingJob): void {
    if (this.#reserved?.job.uid === job.uid) this.#reserved = null
  }

  /** After it found no room. @returns what is kept for it; null: nothing */
  failed(tried: Tried): Reserved | null {
    const reserved = this.#reserved
    if (reserved?.job.uid === tried.job.uid) return reserved
    const isTaken = reserved !== null && tried.rank <= reserved.rank
    if (isTaken || !this.isPossible || this.#tries >= MAX_TRIES) return null
    this.#tries += 1
    reserved?.setTaken(false)
    const room = reserve(this.#ground, tried, this.#ending, this.#nowMs)
    if (room !== null) this.#reserved = room
    return room
  }

  /** When all have been tried: everything counts as it is. */
  end(): void {
    this.#reserved?.setTaken(false)
  }
}

/**
 * Places kept for a job that finds no room, from the time when the jobs that are in its way will have ended: EASY
 * backfill. Who ends before that may run on them until then; whoever else is tried finds them taken.
 */
export class Reserved {
  readonly job: PendingJob
  readonly rank: number
  readonly startsAtMs: number
  readonly assignment: Assignment
  readonly #ground: Ground
  readonly #shape: Shape
  #isTaken = false

  constructor(ground: Ground, { job, rank, standing }: Tried, room: Room) {
    this.job = job
    this.rank = rank
    this.startsAtMs = room.startsAtMs
    this.assignment = room.assignment
    this.#ground = ground
    this.#shape = standing.shape
  }

  /** Whether a job that were admitted now would surely have ended by then. */
  letsPass({ maxRuntimeMs, graceMs }: PendingJob, nowMs: number): boolean {
    const endsAtMs = endOf(nowMs, maxRuntimeMs, graceMs)
    return endsAtMs !== null && endsAtMs <= this.startsAtMs
  }

  /** Has the places counted as taken, for whoever is tried next, or as they are. */
  setTaken(isTaken: boolean): void {
    if (this.#isTaken === isTaken) return
    this.#isTaken = isTaken
    const { memo, quotas } = this.#ground
    const { gang, amounts } = this.#shape
    const { flavor, slots } = this.assignment
    countPlaces(memo.capacity, slots, gang.pod, isTaken ? 1 : -1)
    if (isTaken) quotas.use(this.job.queue, flavor, amounts)
    else {
      quotas.release(this.job.queue, flavor, amounts)
      for (const { node } of slots) memo.capacity.noteGrown(node)
    }
  }
}

interface Room {
  readonly startsAtMs: number
  readonly assignment: Assignment
}

/**
 * @param running in the order in which they end
 * @returns null where it will not fit by any end that has been declared
 */
function reserve(ground: Ground, tried: Tried, running: readonly Ending[], nowMs: number): Reserved | null {
  const { job, standing } = tried
  const { shape, flavors } = standing
  let earliest: Room | null = null
  for (const flavor of flavors) {
    const room = roomIn(ground, job, shape, flavor, running, nowMs)
    if (room !== null && (earliest === null || room.startsAtMs < earliest.startsAtMs)) earliest = room
  }
  return earliest && new Reserved(ground, tried, earliest)
}

/** A running job, and when it will surely have ended. */
interface Ending {
  readonly job: RunningJob
  readonly endsAtMs: number
}

/** Those who have declared an end, and those who are going already, the next to end first. */
function endings(running: Iterable<RunningJob>, nowMs: number): Ending[] {
  const found: Ending[] = []
  for (const job of running) {
    if (job.isGoing) found.push({ job, endsAtMs: nowMs })
    // Whoever is late ends any moment.
    else if (job.endsAtMs !== null) found.push({ job, endsAtMs: Math.max(nowMs, job.endsAtMs) })
  }
  return found.sort((a, b) => a.endsAtMs - b.endsAtMs || (a.job.uid < b.job.uid ? -1 : 1))
}

/**
 * The more have ended, the more room there is. The first end by which there is enough is mostly an early one, so it is
 * looked for in steps that double, and then by halving the last of them.
 */
function roomIn(
  ground: Ground,
  job: PendingJob,
  shape: Shape,
  flavor: MatchingFlavor,
  running: readonly Ending[],
  nowMs: number,
): Room | null {
  const name = flavor.rows.name
  const fitsAfter = (ended: number) =>
    afterEnds(ground, running.slice(0, ended), () => {
      const isWithin = ground.quotas.shortage(job.queue, name, shape.amounts, 'now') === null
      return isWithin && shape.fits(flavor)
    })
  let tooFew = -1
  let enough = 0
  while (!fitsAfter(enough)) {
    if (enough === running.length) return null
    tooFew = enough
    enough = Math.min(running.length, 2 * enough + 1)
  }
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >> 1
    if (fitsAfter(middle)) enough = middle
    else tooFew = middle
  }
  const slots = afterEnds(ground, running.slice(0, enough), () => shape.placeUnremembered(flavor))
  if (slots === null) return null
  // None has to end where those that were in its way ended before they said.
  return { startsAtMs: running[enough - 1]?.endsAtMs ?? nowMs, assignment: { flavor: name, slots } }
}

/** What would be if these had ended; nothing of it stays. */
function afterEnds<T>(ground: Ground, ended: readonly Ending[], ask: () => T): T {
  const { capacity } = ground.memo
  const { mark } = capacity
  for (const { job } of ended) release(ground, job)
  const answer = ask()
  capacity.undo(mark)
  for (const { job } of ended) ground.quotas.use(job.queue, job.flavor, job.amounts)
  return answer
}
