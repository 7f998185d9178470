import { ClusterError, type ClusterErrorCode } from '../../kubernetes/cluster.ts'
import type { Kind } from '../../kubernetes/objects.ts'
import { between, type VirtualTime } from './virtualTime.ts'

/** What becomes of one request. Times are from when it is sent. */
export type Fate =
  | { kind: 'done'; performedMs: number; replyMs: number }
  /** Not performed. */
  | { kind: 'refused'; replyMs: number; error: ClusterError }
  /** Performed at some time, or never (null), and no answer comes back but that of the broken connection. */
  | { kind: 'unanswered'; performedMs: number | null; replyMs: number; error: ClusterError }

/** How the network behaves under one seed: rates are from 0 to 1. */
export interface NetworkHabits {
  readonly slowestMs: number
  readonly refusals: number
  readonly lostRequests: number
  readonly lostReplies: number
  readonly watchEnds: number
  readonly watchExpiries: number
  readonly duplicates: number
  readonly slowestWatchMs: number
}

/** A request that is older than this is not performed any more. */
export const REQUEST_TIMEOUT_MS = 5_000

/** What goes wrong between the processes and the API server, or inside that. */
export class Network {
  readonly #time: VirtualTime
  readonly #random: () => number
  #habits: NetworkHabits
  #isDown = false
  #storm = 0
  readonly #stalledUntilMs = new Map<Kind, number>()
  readonly #cutWhenDown = new Set<() => void>()
  /** When an outage, a storm or a stall was last under way. */
  #lastOutageMs = Number.NEGATIVE_INFINITY

  constructor(time: VirtualTime, random: () => number, habits: NetworkHabits) {
    this.#time = time
    this.#random = random
    this.#habits = habits
  }

  get lastOutageMs(): number {
    return this.#isDown || this.#storm > 0 ? this.#time.nowMs : this.#lastOutageMs
  }

  get isDown(): boolean {
    return this.#isDown
  }

  /** From now on nothing goes wrong. */
  heal(): void {
    this.#habits = { ...this.#habits, ...FAULTLESS }
    this.#isDown = false
    this.#storm = 0
    this.#stalledUntilMs.clear()
  }

  /** The API server answers nobody. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown
    this.#lastOutageMs = this.#time.nowMs
    if (isDown) for (const cut of [...this.#cutWhenDown]) cut()
  }

  /** @returns takes it back */
  onDown(cut: () => void): () => void {
    this.#cutWhenDown.add(cut)
    return () => this.#cutWhenDown.delete(cut)
  }

  /** @param rate of requests that are turned away with 429 */
  setStorm(rate: number): void {
    this.#storm = rate
    this.#lastOutageMs = this.#time.nowMs
  }

  /** Watches of the kind tell nothing for a while, and then all of it. */
  stall(kind: Kind, forMs: number): void {
    this.#stalledUntilMs.set(kind, this.#time.nowMs + forMs)
    this.#lastOutageMs = Math.max(this.#lastOutageMs, this.#time.nowMs + forMs)
  }

  fateOf(isWrite: boolean): Fate {
    const random = this.#random
    const { slowestMs, refusals, lostRequests, lostReplies } = this.#habits
    const performedMs = between(random, 1, slowestMs)
    const replyMs = performedMs + between(random, 1, slowestMs)
    const dice = random()
    if (this.#isDown) {
      const isSilent = dice < 0.2
      return {
        kind: 'refused',
        replyMs: isSilent ? REQUEST_TIMEOUT_MS : replyMs,
        error: isSilent ? errorOf('TIMEOUT') : errorOf('UNAVAILABLE'),
      }
    }
    if (random() < this.#storm) {
      return { kind: 'refused', replyMs, error: errorOf('TOO_MANY_REQUESTS', between(random, 1, 4)) }
    }
    if (dice < refusals) {
      const code = PASSING[Math.floor(random() * PASSING.length)] ?? 'UNAVAILABLE'
      return { kind: 'refused', replyMs, error: isWrite && dice < refusals / 4 ? errorOf('CONFLICT') : errorOf(code) }
    }
    if (dice < refusals + lostRequests) {
      return { kind: 'unanswered', performedMs: null, replyMs: REQUEST_TIMEOUT_MS, error: errorOf('TIMEOUT') }
    }
    if (dice < refusals + lostRequests + lostReplies) {
      // It may be performed when its sender has already seen the connection break.
      const lateMs = random() < 0.5 ? performedMs : between(random, performedMs, REQUEST_TIMEOUT_MS - 1)
      const isCut = random() < 0.5
      return {
        kind: 'unanswered',
        performedMs: lateMs,
        replyMs: isCut ? replyMs : REQUEST_TIMEOUT_MS,
        error: errorOf(isCut ? 'UNAVAILABLE' : 'TIMEOUT'),
      }
    }
    return { kind: 'done', performedMs, replyMs }
  }

  /** When an event of a watch arrives, from now. */
  watchDelayMs(kind: Kind): number {
    const stalledMs = Math.max(0, (this.#stalledUntilMs.get(kind) ?? 0) - this.#time.nowMs)
    return stalledMs + between(this.#random, 1, this.#habits.slowestWatchMs)
  }

  /** What happens to the stream at one event. */
  watchFault(): 'end' | 'expire' | 'duplicate' | null {
    const { watchEnds, watchExpiries, duplicates } = this.#habits
    const dice = this.#random()
    if (dice < watchEnds) return 'end'
    if (dice < watchEnds + watchExpiries) return 'expire'
    return dice < watchEnds + watchExpiries + duplicates ? 'duplicate' : null
  }
}

const PASSING: readonly ClusterErrorCode[] = ['UNAVAILABLE', 'TOO_MANY_REQUESTS', 'TIMEOUT']
const FAULTLESS = { refusals: 0, lostRequests: 0, lostReplies: 0, watchEnds: 0, watchExpiries: 0, duplicates: 0 }

function errorOf(code: ClusterErrorCode, retryAfterSeconds?: number): ClusterError {
  return new ClusterError(code, `the simulation: ${code}`, retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
}
