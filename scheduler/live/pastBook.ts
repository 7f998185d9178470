import type { PastUsageOfFlavor, Queue, QueueStatus } from '../../kubernetes/objects.ts'
import { averageAt, type PastUsage } from '../model/pastUsage.ts'
import type { Amounts, QueueState } from '../model/queue.ts'

/** How far an average that plans go by may lag behind. */
const TICK_MS = 30_000

/** What the queues have had of late: brought forward with every change of usage, and told in the queues' status. */
export class PastBook {
  readonly #known = new Map<string, PastUsage>()
  #tick = 0

  /** Goes on from what an earlier scheduler has written. */
  resume({ metadata, status }: Queue): void {
    const name = metadata.name ?? ''
    if (status?.pastUsage === undefined || this.#known.has(name)) return
    const { at, flavors } = status.pastUsage
    this.#known.set(name, {
      atMs: Date.parse(at),
      byFlavor: new Map(flavors.map((each) => [each.flavor, readAmounts(each)])),
    })
  }

  forget(name: string): void {
    this.#known.delete(name)
  }

  /**
   * The queue's average now.
   * @param usage what it has held since it was asked for last
   * @param halfLifeMs of its tree; null: nothing is remembered
   */
  averageOf(name: string, usage: QueueState['usage'], halfLifeMs: number | null, nowMs: number): QueueState['past'] {
    if (halfLifeMs === null) {
      this.#known.delete(name)
      return NOTHING
    }
    const past = averageAt(this.#known.get(name) ?? { atMs: nowMs, byFlavor: NOTHING }, usage, halfLifeMs, nowMs)
    this.#known.set(name, past)
    return past.byFlavor
  }

  /** Whether the averages have aged so much that plans should see it. */
  isDue(nowMs: number): boolean {
    const tick = Math.floor(nowMs / TICK_MS)
    if (tick === this.#tick || this.#known.size === 0) return false
    this.#tick = tick
    return true
  }

  /** As it was when the usage changed last: how it has aged since follows from that. */
  status(name: string): Pick<QueueStatus, 'pastUsage'> {
    const past = this.#known.get(name)
    if (past === undefined) return {}
    const flavors = [...past.byFlavor].map(([flavor, amounts]) => tellAmounts(flavor, amounts))
    return { pastUsage: { at: new Date(past.atMs).toISOString(), flavors } }
  }
}

const NOTHING: ReadonlyMap<string, Amounts> = new Map()

function tellAmounts(flavor: string, { GPU, CPU, MEMORY }: Amounts): PastUsageOfFlavor {
  return { flavor, gpus: decimal(GPU / 1000, 9), cpu: decimal(CPU / 1000, 9), memory: decimal(MEMORY, 6) }
}

function readAmounts({ gpus, cpu, memory }: PastUsageOfFlavor): Amounts {
  return { GPU: Number(gpus) * 1000, CPU: Number(cpu) * 1000, MEMORY: Number(memory) }
}

function decimal(value: number, places: number): string {
  return value.toFixed(places).replace(/\.?0+$/, '')
}
