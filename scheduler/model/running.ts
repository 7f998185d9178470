import type { Gang } from './gang.ts'
import type { Holding } from './node.ts'
import { migThousandths } from './others.ts'
import type { Amounts, QueueSpec } from './queue.ts'

/** A job that holds places. Never changed in place. */
export interface RunningJob {
  readonly uid: string
  readonly queue: string
  readonly priority: number
  /** Whether it may be stopped to make room. */
  readonly preemptible: boolean
  /** Its turn; see PendingJob. */
  readonly createdMs: number
  /** Domain time from which it holds them. */
  readonly admittedAtMs: number
  /** When it will surely have ended, see endOf; null where it has declared no end. */
  readonly endsAtMs: number | null
  /** Where its use counts. */
  readonly flavor: string
  /** By its pods, and by slots that wait for one. */
  readonly held: readonly { readonly node: string; readonly holding: Holding }[]
  /** What they come to. */
  readonly amounts: Amounts
  /** What it asks; absent where nobody can say: its Job is gone before its pods, or it has volumes, which bind it to nodes. */
  readonly gang?: Gang
  /** Of an elastic job that runs with fewer slots than it asked for: how many more it would take. Absent: none. */
  readonly lacks?: number
  /** It has been stopped, and holds its places only until its pods have ended. */
  readonly isGoing: boolean
  /** Pods of it that run. */
  readonly pods: number
  /** Disruption budgets that its pods are under, and how many pods each of them allows to be stopped now. */
  readonly budgets: readonly { readonly name: string; readonly allowed: number }[]
}

/** Until when it may not be stopped for others: its queue promises it so long a run. */
export function protectedUntil({ admittedAtMs }: RunningJob, queue: QueueSpec | undefined): number {
  return admittedAtMs + (queue?.minRuntimeMs ?? 0)
}

/** From the admission until the containers run, at most, where all goes well. */
const START_UP_MS = 60_000

/**
 * When a job admitted at that time will surely have ended: Kubernetes stops it after its longest run, and its
 * containers after their grace.
 */
export function endOf(admittedAtMs: number, maxRuntimeMs: number | null, graceMs: number): number | null {
  return maxRuntimeMs === null ? null : admittedAtMs + maxRuntimeMs + graceMs + START_UP_MS
}

/** The longest run that a job so ended declared; see endOf. */
export function declaredRunMs({ admittedAtMs, endsAtMs }: RunningJob, graceMs: number): number | null {
  return endsAtMs === null ? null : Math.max(0, endsAtMs - admittedAtMs - graceMs - START_UP_MS)
}

export function amountsOf(held: Iterable<{ readonly holding: Holding }>): Amounts {
  const sum = { GPU: 0, CPU: 0, MEMORY: 0 }
  for (const { holding } of held) {
    const { gpu } = holding
    const devices = gpu === null ? 0 : typeof gpu.devices === 'number' ? gpu.devices : gpu.devices.length
    sum.GPU += devices * (gpu?.thousandths ?? 0)
    if (holding.others !== undefined) sum.GPU += migThousandths(holding.others)
    sum.CPU += holding.cpuMilli
    sum.MEMORY += holding.memoryMiB
  }
  return sum
}
