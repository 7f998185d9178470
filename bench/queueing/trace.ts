import type { PRIORITY_OF_CLASS } from '../../kubernetes/names.ts'

/** Jobs that come to every queue of a trace, one each `everyMs`. */
export interface JobKind {
  readonly name: string
  /** Its priority: the traces ask for an order of three, and name numbers that are not ours. */
  readonly jobClass: keyof typeof PRIORITY_OF_CLASS
  readonly count: number
  readonly cpu: number
  readonly runMs: number
  readonly everyMs: number
}

/** Trees of queues, each queue with the same quota and the same jobs. */
export interface Trace {
  readonly trees: number
  readonly queuesPerTree: number
  /** Cores. */
  readonly nominalCpu: number
  readonly borrowingLimitCpu: number
  readonly kinds: readonly JobKind[]
}

const QUOTA = { nominalCpu: 20, borrowingLimitCpu: 100 }

/** Those of Kueue's own performance tests, `baseline` and `large-scale`. */
export const TRACES: Readonly<Record<string, Trace>> = {
  'kueue-baseline': {
    trees: 5,
    queuesPerTree: 6,
    ...QUOTA,
    kinds: [
      { name: 'small', jobClass: 'BATCH', count: 350, cpu: 1, runMs: 200, everyMs: 100 },
      { name: 'medium', jobClass: 'TRAINING', count: 100, cpu: 5, runMs: 500, everyMs: 500 },
      { name: 'large', jobClass: 'INTERACTIVE', count: 50, cpu: 20, runMs: 1_000, everyMs: 1_200 },
    ],
  },
  'kueue-large': {
    trees: 10,
    queuesPerTree: 100,
    ...QUOTA,
    kinds: [
      { name: 'small', jobClass: 'BATCH', count: 35, cpu: 1, runMs: 150, everyMs: 60 },
      { name: 'medium', jobClass: 'TRAINING', count: 11, cpu: 5, runMs: 350, everyMs: 300 },
      { name: 'large', jobClass: 'INTERACTIVE', count: 4, cpu: 20, runMs: 700, everyMs: 700 },
    ],
  },
}

/** One job of a trace. */
export interface TraceJob {
  readonly kind: JobKind
  readonly namespace: string
  readonly name: string
  readonly queue: string
  /** From the beginning of the trace. */
  readonly dueMs: number
}

/** All jobs in the order in which they come. */
export function jobsOf(trace: Trace): TraceJob[] {
  const jobs = queuesOf(trace).flatMap(({ namespace, queue }) =>
    trace.kinds.flatMap((kind) =>
      Array.from({ length: kind.count }, (_, number) => ({
        kind,
        namespace,
        queue,
        name: `${queue}-${kind.name}-${number}`,
        dueMs: (number + 1) * kind.everyMs,
      })),
    ),
  )
  return jobs.sort((a, b) => a.dueMs - b.dueMs)
}

/** Queues that have jobs; each tree is a tenant's, in a namespace of its own. */
export function queuesOf({ trees, queuesPerTree }: Trace): { tree: string; namespace: string; queue: string }[] {
  return Array.from({ length: trees * queuesPerTree }, (_, number) => {
    const tree = `tree-${Math.floor(number / queuesPerTree)}`
    return { tree, namespace: `t-bench-${tree}`, queue: `${tree}-queue-${number % queuesPerTree}` }
  })
}

/** Cores of all queues together. */
export function capacityOf({ trees, queuesPerTree, nominalCpu }: Trace): number {
  return trees * queuesPerTree * nominalCpu
}

/** How long the trace takes at least, were every core busy from the beginning. */
export function leastMs(trace: Trace): number {
  const busyMs = trace.kinds.reduce((sum, { count, cpu, runMs }) => sum + count * cpu * runMs, 0)
  return busyMs / trace.nominalCpu
}
