import type { Assignment } from '../model/assignment.ts'
import type { PendingJob } from '../model/job.ts'
import { endOf, type RunningJob } from '../model/running.ts'
import { AGED } from './fairOrder.ts'
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
export const MAX_TRIES = 2

/**
 * Keeps places for the first job that finds no room, and lets others on them who will have ended in time. They stay
 * that job's from plan to plan, until it starts or one of a higher rank finds no room.
 *
 * Where somebody in its way has not said when it ends, there is no such time. For a job that has waited too long the
 * places are kept all the same, of those who hold them the ones that have run longest: whoever says when it ends may
 * use them meanwhile, so that they become free some day, and nobody else.
 */
export class Backfill {
  readonly #ground: Ground
  readonly #nowMs: number
  readonly #ending: readonly Ending[]
  readonly #running: ReadonlyMap<string, RunningJob>
  /** Those who have not declared an end, after all that have; null: not asked for yet. */
  #withEndless: readonly Ending[] | null = null
  #tries = 0
  /** Somebody gets room that others make beside what is kept. */
  #isRoomAwaited = false
  #reserved: Reserved | null = null

  constructor(ground: Ground, running: ReadonlyMap<string, RunningJob>, nowMs: number) {
    this.#ground = ground
    this.#nowMs = nowMs
    this.#running = running
    this.#ending = endings(running.values(), nowMs)
  }

  /** Null: for nobody. */
  get reserved(): Reserved | null {
    return this.#reserved
  }

  /** Whether places might be kept for a job of such a rank: where nobody has said when it ends, for few. */
  isPossibleFor(rank: number): boolean {
    return this.#ending.length > 0 || (rank >= AGED && this.#running.size > 0)
  }

  /** The job that had places kept for it by the last plan. */
  resume(tried: Tried): void {
    this.#reserved = this.#reserve(tried)
  }

  /** Before a job is tried: what is kept is not there for it, unless it goes before or will have ended. */
  before({ job, rank }: Tried): void {
    const reserved = this.#reserved
    if (reserved === null) return
    const goesFirst = job.uid === reserved.job.uid || rank > reserved.rank
    const isLetPass = !this.#isRoomAwaited && reserved.letsPass(job, this.#nowMs)
    reserved.setTaken(!goesFirst && !isLetPass)
  }

  /**
   * After room was found for it that others are still making. It was found beside what is kept: whoever came in on what
   * is kept would be in its way with the next plan, and be stopped for it.
   */
  awaitsRoom(): void {
    this.#isRoomAwaited = true
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
    if (isTaken || !this.isPossibleFor(tried.rank) || this.#tries >= MAX_TRIES) return null
    this.#tries += 1
    reserved?.setTaken(false)
    const room = this.#reserve(tried)
    if (room !== null) this.#reserved = room
    return room
  }

  /** For those who are given what is left: what is kept is not there. */
  keepFromAll(): void {
    this.#reserved?.setTaken(true)
  }

  /** When all have been tried: everything counts as it is. */
  end(): void {
    this.#reserved?.setTaken(false)
  }

  #reserve(tried: Tried): Reserved | null {
    if (tried.rank < AGED) return reserve(this.#ground, tried, this.#ending, this.#nowMs)
    this.#withEndless ??= [...this.#ending, ...endless(this.#running.values())]
    return reserve(this.#ground, tried, this.#withEndless, this.#nowMs)
  }
}

/**
 * Places kept for a job that finds no room, from the time when the jobs that are in its way will have ended: EASY
 * backfill. Who ends before that may run on them until then; whoever else is tried finds them taken.
 */
export class Reserved {
  readonly job: PendingJob
  readonly rank: number
  /** Null: whenever those in its way end. */
  readonly startsAtMs: number | null
  readonly assignment: Assignment
  readonly #ground: Ground
  readonly #shape: Shape
  #isTaken = false

  constructor(ground: Ground, { job, rank, standing }: Tried, room: Room) {
    this.job = job
    this.rank = rank
    this.startsAtMs = room.startsAtMs < Number.POSITIVE_INFINITY ? room.startsAtMs : null
    this.assignment = room.assignment
    this.#ground = ground
    this.#shape = standing.shape
  }

  /** Whether a job that were admitted now would surely have ended by then. */
  letsPass({ maxRuntimeMs, graceMs }: PendingJob, nowMs: number): boolean {
    const endsAtMs = endOf(nowMs, maxRuntimeMs, graceMs)
    return endsAtMs !== null && (this.startsAtMs === null || endsAtMs <= this.startsAtMs)
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
  /** Infinity: when somebody has ended who has not said when. */
  readonly startsAtMs: number
  /** How many have to end before. */
  readonly ended: number
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
    if (room !== null && (earliest === null || isSooner(room, earliest))) earliest = room
  }
  return earliest && new Reserved(ground, tried, earliest)
}

function isSooner(a: Room, b: Room): boolean {
  return a.startsAtMs === b.startsAtMs ? a.ended < b.ended : a.startsAtMs < b.startsAtMs
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

/** Those who have not declared an end, whoever has run longest first. */
function endless(running: Iterable<RunningJob>): Ending[] {
  return [...running]
    .filter(({ isGoing, endsAtMs }) => !isGoing && endsAtMs === null)
    .sort((a, b) => a.admittedAtMs - b.admittedAtMs || (a.uid < b.uid ? -1 : 1))
    .map((job) => ({ job, endsAtMs: Number.POSITIVE_INFINITY }))
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
  const ended = new Ended(ground, running)
  const fitsAfter = (count: number) => {
    ended.count(count)
    return ground.quotas.shortage(job.queue, name, shape.amounts, 'now') === null && shape.fits(flavor)
  }
  try {
    let enough = 0
    while (!fitsAfter(enough)) {
      if (enough === running.length) return null
      ended.settle()
      enough = Math.min(running.length, 2 * enough + 1)
    }
    while (enough - ended.settled > 1) {
      const middle = (ended.settled + enough) >> 1
      if (fitsAfter(middle)) enough = middle
      else ended.settle()
    }
    ended.count(enough)
    const slots = shape.placeUnremembered(flavor)
    if (slots === null) return null
    // None has to end where those that were in its way ended before they said.
    const startsAtMs = running[enough - 1]?.endsAtMs ?? nowMs
    return { startsAtMs, ended: enough, assignment: { flavor: name, slots } }
  } finally {
    ended.undo()
  }
}

/** What would be if the first so many had ended; nothing of it stays. */
class Ended {
  readonly #ground: Ground
  readonly #running: readonly Ending[]
  readonly #start: number
  /** Of those that are known to be too few: how many, and where the changes after them begin. */
  #settled = { count: 0, mark: 0 }
  #count = 0

  constructor(ground: Ground, running: readonly Ending[]) {
    this.#ground = ground
    this.#running = running
    this.#start = ground.memo.capacity.mark
    this.#settled.mark = this.#start
  }

  /** Whatever is counted from now on, it is not fewer. */
  get settled(): number {
    return this.#settled.count
  }

  settle(): void {
    this.#settled = { count: this.#count, mark: this.#ground.memo.capacity.mark }
  }

  count(count: number): void {
    this.#backTo(this.#settled)
    for (const { job } of this.#running.slice(this.#count, count)) release(this.#ground, job)
    this.#count = count
  }

  undo(): void {
    this.#backTo({ count: 0, mark: this.#start })
  }

  #backTo({ count, mark }: { readonly count: number; readonly mark: number }): void {
    const { memo, quotas } = this.#ground
    memo.capacity.undo(mark)
    for (const { job } of this.#running.slice(count, this.#count)) quotas.use(job.queue, job.flavor, job.amounts)
    this.#count = count
  }
}
