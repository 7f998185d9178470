import type { Assignment, Place } from '../model/assignment.ts'
import type { PendingJob } from '../model/job.ts'
import { holdingAt } from '../model/node.ts'
import type { Amounts } from '../model/queue.ts'
import type { RunningJob } from '../model/running.ts'
import { count, hold, release } from './holdings.ts'
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
const MAX_LOOKS = 100_000

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
  readonly #running: readonly RunningJob[]
  /** Of those who may be stopped in a queue, the lowest priority. */
  readonly #lowest = new Map<string, number>()
  /** Roots of trees in which somebody who may be stopped borrows. */
  readonly #rootsWithLoans = new Set<number>()
  readonly #going: readonly RunningJob[]
  readonly #nowMs: number
  readonly #taken = new Set<string>()
  #looks = 0
  /** When somebody who is still protected no longer is; null: nobody was. */
  againAtMs: number | null = null

  constructor(ground: Ground, running: Iterable<RunningJob>, nowMs: number) {
    const all = [...running]
    this.#ground = ground
    this.#going = all.filter(({ isGoing }) => isGoing)
    this.#running = all.filter(({ isGoing }) => !isGoing).sort(byCost(nowMs))
    this.#nowMs = nowMs
    for (const { preemptible, queue, priority, flavor } of this.#running) {
      const owner = preemptible ? ground.tree.get(queue) : undefined
      if (owner === undefined) continue
      this.#lowest.set(queue, Math.min(this.#lowest.get(queue) ?? priority, priority))
      if (this.#rootsWithLoans.has(owner.root)) continue
      if (pathOf(owner).some((branch) => ground.quotas.borrows(branch, flavor, ANYTHING)))
        this.#rootsWithLoans.add(owner.root)
    }
  }

  /** False where nobody could be stopped for the job, as far as that is known without a search. */
  mayStopFor({ queue, priority, mayPreempt, nomination }: PendingJob): boolean {
    if (nomination !== null) return true
    const root = this.#ground.tree.get(queue)?.root
    if (!mayPreempt || root === undefined) return false
    return (this.#lowest.get(queue) ?? priority) < priority || this.#rootsWithLoans.has(root)
  }

  /** Room for one job, which is then taken; null where stopping whoever may be stopped would not make enough. */
  findRoom(job: PendingJob, { shape, flavors }: Standing): FutureRoom | null {
    if (!this.mayStopFor(job)) return null
    for (const flavor of flavors) {
      const room = this.#findIn(job, shape, flavor, {
        fits: () => shape.fits(flavor),
        place: () => shape.place(flavor),
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
        capacity.giveBack(mark)
        return isFree
      },
      place: () => (shape.placeAt(flavor, promised.slots) ? promised.slots : null),
    })
    return room && this.#keep(job, shape, room)
  }

  #keep(job: PendingJob, shape: Shape, room: FutureRoom): FutureRoom {
    const { quotas, shares } = this.#ground
    for (const { uid } of room.victims) this.#taken.add(uid)
    this.#take(room.assignment, shape)
    quotas.use(job.queue, room.assignment.flavor, shape.amounts)
    shares.use(job.queue, room.assignment.flavor, shape.amounts)
    return room
  }

  #findIn(job: PendingJob, shape: Shape, flavor: MatchingFlavor, { fits, place }: Search): FutureRoom | null {
    const { capacity } = this.#ground.memo
    const mark = capacity.mark
    const released: RunningJob[] = []
    const stop = (running: RunningJob) => {
      release(this.#ground, running)
      released.push(running)
    }
    const queue = this.#ground.tree.get(job.queue)
    const mayStop = (running: RunningJob) =>
      queue !== undefined && this.#mayStop(job, queue, running, shape.amounts, flavor)
    const holds = () =>
      this.#ground.quotas.shortage(job.queue, flavor.rows.name, shape.amounts, 'now') === null && fits()

    for (const each of this.#going) stop(each)
    for (const each of this.#running) if (this.#taken.has(each.uid)) stop(each)
    let victims: RunningJob[] = []
    if (!holds()) {
      victims = this.#stopUntil(holds, this.#candidates(job, mayStop), stop, mayStop)
      if (victims.length > 0) victims = this.#spare(holds, victims, released)
    }
    const slots = holds() ? place() : null
    capacity.giveBack(mark)
    for (const each of released) this.#ground.quotas.use(each.queue, each.flavor, each.amounts)
    if (slots === null) return null
    return { assignment: { flavor: flavor.rows.name, slots }, victims, awaited: victims.length + this.#going.length }
  }

  /** @returns those stopped; none where all of them would not do */
  #stopUntil(
    holds: () => boolean,
    candidates: readonly RunningJob[],
    stop: (running: RunningJob) => void,
    isStill: (running: RunningJob) => boolean,
  ): RunningJob[] {
    const victims: RunningJob[] = []
    for (const candidate of candidates) {
      // Whoever borrowed is within its own again once enough has been taken back.
      if (!isStill(candidate)) continue
      stop(candidate)
      victims.push(candidate)
      if (holds()) return victims
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

  /** Those whom the job may have stopped, the cheapest first; those that have been chosen for it before, before all. */
  #candidates(job: PendingJob, mayStop: (running: RunningJob) => boolean): RunningJob[] {
    if (!job.mayPreempt || this.#looks > MAX_LOOKS) return []
    this.#looks += this.#running.length
    const chosen = new Set(job.nomination?.victims)
    const found = this.#running.filter(mayStop)
    return chosen.size === 0 ? found : [...found].sort((a, b) => Number(chosen.has(b.uid)) - Number(chosen.has(a.uid)))
  }

  #mayStop(
    job: PendingJob,
    queue: TreeQueue,
    running: RunningJob,
    amounts: Amounts,
    { rows: { name: flavor } }: MatchingFlavor,
  ): boolean {
    if (!running.preemptible || this.#taken.has(running.uid)) return false
    const owner = this.#ground.tree.get(running.queue)
    if (owner === undefined) return false
    const isBelow = owner === queue && running.priority < job.priority
    if (!isBelow && !this.#isLent(queue, owner, flavor, amounts)) return false
    const protectedUntilMs = running.admittedAtMs + owner.spec.minRuntimeMs
    if (protectedUntilMs <= this.#nowMs) return true
    this.againAtMs = Math.min(this.againAtMs ?? protectedUntilMs, protectedUntilMs)
    return false
  }

  /** Whether `lender`, within its own, may have back what `borrower` has beyond its own: asked where their branches meet. */
  #isLent(lender: TreeQueue, borrower: TreeQueue, flavor: string, amounts: Amounts): boolean {
    if (lender === borrower || lender.root !== borrower.root) return false
    const above = new Set(pathOf(lender))
    const meeting = pathOf(borrower).find((queue) => above.has(queue))
    const ofLender = pathOf(lender).find(({ parent }) => parent === meeting)
    const ofBorrower = pathOf(borrower).find(({ parent }) => parent === meeting)
    // One of them is above the other: what is below counts in it, and nothing is lent.
    if (ofLender === undefined || ofBorrower === undefined) return false
    const { quotas } = this.#ground
    return quotas.isNominal(ofLender, flavor, amounts) && quotas.borrows(ofBorrower, flavor, amounts)
  }

  #take({ slots }: Assignment, { gang: { pod } }: Shape): void {
    const { capacity } = this.#ground.memo
    for (const { node, devices } of slots) count(capacity, node, holdingAt(pod, devices), 1)
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
