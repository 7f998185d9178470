import type { Assignment, Place } from '../model/assignment.ts'
import type { PendingJob } from '../model/job.ts'
import type { Amounts } from '../model/queue.ts'
import { protectedUntil, type RunningJob } from '../model/running.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { Allowances } from './allowances.ts'
import { charge, countPlaces, hold, release } from './holdings.ts'
import type { Ground } from './memo.ts'
import type { TreeQueue } from './queueTree.ts'
import type { MatchingFlavor, Shape } from './shape.ts'
import type { Standing } from './standing.ts'

/** Room for a job once others have ended. */
export interface FutureRoom {
  readonly assignment: Assignment
  /** To be stopped for it; none where those who are going already leave enough. */
  readonly victims: readonly RunningJob[]
  /** How many have to end before it is free, at most. */
  readonly awaited: number
}

interface Search {
  /** Whether there is room in what is free just now. */
  fits(): boolean
  /** Takes it. */
  place(): readonly Place[] | null
}

/** Running jobs that one plan looks at for whoever would have them stopped; what is left then has to wait for the next. */
const MAX_LOOKS = 40_000

/**
 * Finds whom to stop for a job that finds no room. Within its queue those of lower priority; in other queues, where
 * the job would be within the nominal quota of its branch of the tree, those that borrow of it. Only jobs that allow
 * it, and that have run as long as their queue promises.
 *
 * Room that is found is the job's from then on: it is taken at once, although it is not free yet, so that nobody
 * behind it gets in between, and the next plan finds it again as what those who are going will leave.
 */
export class Preempting {
  readonly #ground: Ground
  /** Those who may be stopped. */
  readonly #running: RunningJob[] = []
  /** Of them in a queue, the lowest priority. */
  readonly #lowest = new Map<string, number>()
  /** Roots of trees in which one of them borrows. */
  readonly #rootsWithLoans = new Set<number>()
  readonly #going: RunningJob[] = []
  readonly #nowMs: number
  readonly #agingMs: number
  readonly #taken = new Set<RunningJob>()
  readonly #allowances = new Allowances()
  #isSorted = false
  #looks = 0
  /** When somebody who is still protected no longer is; null: nobody was. */
  againAtMs: number | null = null

  constructor(ground: Ground, { running, agingMs }: Snapshot, nowMs: number) {
    this.#ground = ground
    this.#nowMs = nowMs
    this.#agingMs = agingMs
    const flavorsOf = new Map<string, Set<string>>()
    for (const job of running.values()) {
      this.#allowances.note(job)
      if (job.isGoing) this.#going.push(job)
      else if (job.preemptible) {
        const { queue, priority, flavor } = job
        this.#running.push(job)
        this.#lowest.set(queue, Math.min(this.#lowest.get(queue) ?? priority, priority))
        flavorsOf.set(queue, (flavorsOf.get(queue) ?? new Set()).add(flavor))
      }
    }
    for (const [queue, flavors] of flavorsOf) {
      const owner = ground.tree.get(queue)
      const borrows = (branch: TreeQueue) =>
        [...flavors].some((flavor) => ground.quotas.borrows(branch, flavor, ANYTHING))
      if (owner !== undefined && pathOf(owner).some(borrows)) this.#rootsWithLoans.add(owner.root)
    }
  }

  /** False where nobody could be stopped for the job, as far as that is known without a search. */
  mayStopFor({ queue, priority, mayPreempt, nomination }: PendingJob): boolean {
    if (nomination !== null) return true
    const root = this.#ground.tree.get(queue)?.root
    if (!mayPreempt || root === undefined) return false
    return (this.#lowest.get(queue) ?? priority) < priority || this.#rootsWithLoans.has(root)
  }

  /** Room for one job that others may be stopped for, which is then taken; null where stopping whoever may be stopped would not make enough. */
  findRoom(job: PendingJob, { shape, flavors }: Standing): FutureRoom | null {
    for (const flavor of flavors) {
      const room = this.#findIn(job, shape, flavor, {
        fits: () => shape.fits(flavor),
        place: () => shape.placeUnremembered(flavor),
      })
      if (room !== null) return this.#keep(job, shape, room)
    }
    return null
  }

  /** The very room that others were stopped to make, which is then taken; null where it cannot come about any more. */
  keepRoom(job: PendingJob, { shape, flavors }: Standing): FutureRoom | null {
    const promised = job.nomination?.assignment
    const flavor = flavors.find(({ rows }) => rows.name === promised?.flavor)
    if (promised === undefined || flavor === undefined) return null
    const { capacity } = this.#ground.memo
    const room = this.#findIn(job, shape, flavor, {
      fits() {
        const { mark } = capacity
        const isFree = shape.placeAt(flavor, promised.slots)
        capacity.undo(mark)
        return isFree
      },
      place: () => (shape.placeAt(flavor, promised.slots) ? promised.slots : null),
    })
    return room && this.#keep(job, shape, room)
  }

  #keep(job: PendingJob, shape: Shape, room: FutureRoom): FutureRoom {
    const { flavor, slots } = room.assignment
    for (const victim of room.victims) {
      this.#taken.add(victim)
      this.#allowances.spend(victim)
    }
    countPlaces(this.#ground.memo.capacity, slots, shape.gang.pod, 1)
    charge(this.#ground, job.queue, flavor, shape.amounts)
    return room
  }

  #findIn(job: PendingJob, shape: Shape, flavor: MatchingFlavor, { fits, place }: Search): FutureRoom | null {
    const { quotas, memo } = this.#ground
    const name = flavor.rows.name
    const candidates = this.#candidates(job, name, shape.amounts)
    if (candidates === null && job.nomination === null) return null
    const { mark } = memo.capacity
    const released: RunningJob[] = []
    const stop = (running: RunningJob) => {
      release(this.#ground, running)
      released.push(running)
    }
    const holds = () => quotas.shortage(job.queue, name, shape.amounts, 'now') === null && fits()

    for (const each of this.#going) stop(each)
    for (const each of this.#taken) stop(each)
    let victims: RunningJob[] = []
    if (!holds()) {
      // As long as there are not even as many GPUs as it asks for, there is no need to look for places.
      let shortGpus = shape.amounts.GPU - memo.capacity.freeGpus(flavor.rows)
      const isEnough = (victim: RunningJob) => {
        if (victim.flavor === name) shortGpus -= victim.amounts.GPU
        return shortGpus <= 0 && holds()
      }
      victims = this.#stopUntil(isEnough, job, candidates ?? [], shape.amounts, name, stop)
      if (victims.length > 0) victims = this.#spare(holds, victims, released)
    }
    const slots = holds() ? place() : null
    memo.capacity.undo(mark)
    for (const each of released) quotas.use(each.queue, each.flavor, each.amounts)
    if (slots === null) return null
    return { assignment: { flavor: name, slots }, victims, awaited: victims.length + this.#going.length }
  }

  /** @returns those stopped; none where all of them would not do */
  #stopUntil(
    isEnough: (victim: RunningJob) => boolean,
    job: PendingJob,
    candidates: readonly RunningJob[],
    amounts: Amounts,
    flavor: string,
    stop: (running: RunningJob) => void,
  ): RunningJob[] {
    const victims: RunningJob[] = []
    const allowances = this.#allowances.copy()
    for (const candidate of candidates) {
      if (!allowances.allows(candidate)) continue
      // Whoever borrowed is within its own again once enough has been taken back.
      if (candidate.queue !== job.queue && !this.#isLent(job.queue, candidate.queue, flavor, amounts)) continue
      stop(candidate)
      victims.push(candidate)
      allowances.spend(candidate)
      if (isEnough(candidate)) return victims
    }
    return []
  }

  /** Leaves in peace whoever of them turns out not to be needed, the dearest first. */
  #spare(holds: () => boolean, victims: readonly RunningJob[], released: RunningJob[]): RunningJob[] {
    const needed: RunningJob[] = []
    for (const victim of victims.toReversed()) {
      hold(this.#ground, victim)
      if (holds()) released.splice(released.indexOf(victim), 1)
      else {
        release(this.#ground, victim)
        needed.push(victim)
      }
    }
    return needed.toReversed()
  }

  /**
   * Those whom the job may have stopped, the cheapest first; those that have been chosen for it before, before all.
   * Null where there can be none.
   */
  #candidates(job: PendingJob, flavor: string, amounts: Amounts): RunningJob[] | null {
    if (!job.mayPreempt || this.#looks > MAX_LOOKS) return null
    const hasLower = (this.#lowest.get(job.queue) ?? job.priority) < job.priority
    const lent = new Set([...this.#lowest.keys()].filter((queue) => this.#isLent(job.queue, queue, flavor, amounts)))
    if (!hasLower && lent.size === 0) return null
    this.#looks += this.#running.length
    if (!this.#isSorted) this.#running.sort(byCost(this.#nowMs))
    this.#isSorted = true
    const found = this.#running.filter(
      (running) =>
        !this.#taken.has(running) &&
        (running.queue === job.queue ? this.#goesAfter(running, job) : lent.has(running.queue)) &&
        !this.#isProtected(running),
    )
    const chosen = new Set(job.nomination?.victims)
    return chosen.size === 0 ? found : [...found].sort((a, b) => Number(chosen.has(b.uid)) - Number(chosen.has(a.uid)))
  }

  /** Whoever had waited too long when it started is not stopped for a priority again. */
  #goesAfter({ priority, createdMs, admittedAtMs }: RunningJob, job: PendingJob): boolean {
    return priority < job.priority && createdMs + this.#agingMs > admittedAtMs
  }

  /** Whether it has not run as long yet as its queue promises. */
  #isProtected(job: RunningJob): boolean {
    const untilMs = protectedUntil(job, this.#ground.tree.get(job.queue)?.spec)
    if (untilMs <= this.#nowMs) return false
    this.againAtMs = Math.min(this.againAtMs ?? untilMs, untilMs)
    return true
  }

  /** Whether one queue, within its own, may have back what another has beyond its own: asked where their branches meet. */
  #isLent(by: string, to: string, flavor: string, amounts: Amounts): boolean {
    const { quotas, tree } = this.#ground
    const [lender, borrower] = [tree.get(by), tree.get(to)]
    if (lender === undefined || borrower === undefined || lender === borrower || lender.root !== borrower.root)
      return false
    const [above, below] = [pathOf(lender), pathOf(borrower)]
    const meeting = below.find((queue) => above.includes(queue))
    const ofLender = above.find(({ parent }) => parent === meeting)
    const ofBorrower = below.find(({ parent }) => parent === meeting)
    // One of them is above the other: what is below counts in it, and nothing is lent.
    if (ofLender === undefined || ofBorrower === undefined) return false
    return quotas.isNominal(ofLender, flavor, amounts) && quotas.borrows(ofBorrower, flavor, amounts)
  }
}

const ANYTHING: Amounts = { GPU: 1, CPU: 1, MEMORY: 1 }

/** The queue itself first. */
function pathOf(queue: TreeQueue): TreeQueue[] {
  const path: TreeQueue[] = []
  for (let step: TreeQueue | null = queue; step !== null; step = step.parent) path.push(step)
  return path
}

/** Lower priority first, then whoever would lose less work, then whoever started last. */
function byCost(nowMs: number): (a: RunningJob, b: RunningJob) => number {
  const lost = (job: RunningJob) => (nowMs - job.admittedAtMs) * Math.max(1, job.amounts.GPU)
  return (a, b) =>
    a.priority - b.priority ||
    lost(a) - lost(b) ||
    b.admittedAtMs - a.admittedAtMs ||
    (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0)
}
