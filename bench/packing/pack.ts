import type { TraceDemand, TraceNode } from '../../bin/replay/trace.ts'
import type { Gang } from '../../scheduler/model/gang.ts'
import type { PendingJob } from '../../scheduler/model/job.ts'
import { type Holding, holdingAt, type NodeState, nodeUnder } from '../../scheduler/model/node.ts'
import { DEFAULT_QUEUE, QUEUE_DEFAULTS } from '../../scheduler/model/queue.ts'
import { LiveSnapshot } from '../../scheduler/model/snapshot.ts'
import { Memo } from '../../scheduler/plan/memo.ts'
import { plan } from '../../scheduler/plan/plan.ts'
import { gangFor, nodeSpecOf } from '../common/traceModel.ts'
import { thousandthsOf } from './draw.ts'

export interface PackedPod {
  readonly pod: TraceDemand
  readonly node: string
  /** Device indexes. */
  readonly devices: readonly number[]
}

export interface Rules {
  /** So many pods wait at once, and the largest of them goes first; 1: as they come. */
  readonly lookAhead: number
  /** Whether plans are told what was asked so far. */
  readonly demand: 'learned' | 'ignored'
  /** What is known of it before the first pod comes. */
  readonly known: readonly TraceDemand[]
  /** All nodes one pool, in which each pod says the models it takes; or a pool for each model. */
  readonly pools: 'one' | 'by model'
}

/**
 * Places pods one after another by the scheduler's own plan, each as a job of its own, none ever leaving.
 * What finds no room when its turn comes is dropped.
 */
export function pack(nodes: readonly TraceNode[], pods: readonly TraceDemand[], rules: Rules): PackedPod[] {
  const cluster = clusterOf(nodes, rules)
  const gangs = new Map<string, Gang>()
  for (const pod of rules.known) cluster.snapshot.noteDemand(gangFor(pod, gangs))
  const { nodes: states, queues, pending, running, reservedFor, agingMs } = cluster.snapshot
  const told =
    rules.demand === 'learned' ? cluster.snapshot : { nodes: states, queues, pending, running, reservedFor, agingMs }
  const memo = new Memo()
  const packed: PackedPod[] = []
  for (let first = 0; first < pods.length; first += rules.lookAhead) {
    const waiting = pods.slice(first, first + rules.lookAhead)
    if (waiting.length > 1) waiting.sort((a, b) => thousandthsOf(b) - thousandthsOf(a) || b.cpuMilli - a.cpuMilli)
    for (const [turn, pod] of waiting.entries()) cluster.snapshot.setPending(jobOf(pod, turn, gangFor(pod, gangs)))
    for (const { job, assignment } of plan(told, 0, memo).admissions) {
      const [place] = assignment.slots
      const pod = waiting[job.createdMs]
      if (place === undefined || pod === undefined) throw new Error('an admission of no pod')
      cluster.hold(place.node, holdingAt((job.demand as Gang).pod, place.devices))
      packed.push({ pod, ...place })
    }
    for (const pod of waiting) cluster.snapshot.removePending(pod.name)
  }
  return packed
}

/** An empty cluster of these nodes. */
export function clusterOf(nodes: readonly TraceNode[], { pools }: Pick<Rules, 'pools'>) {
  const snapshot = new LiveSnapshot()
  const held = new Map<string, Holding[]>()
  for (const node of nodes) {
    const spec = pools === 'one' ? { ...nodeSpecOf(node), flavor: 'gpu' } : nodeSpecOf(node)
    snapshot.nodes.set(spec.name, nodeUnder(spec, []))
    held.set(spec.name, [])
  }
  const queue = { ...QUEUE_DEFAULTS, name: DEFAULT_QUEUE }
  snapshot.queues.set(queue.name, { spec: queue, usage: new Map(), past: new Map() })
  return {
    snapshot,
    hold(name: string, holding: Holding) {
      const holdings = held.get(name) ?? []
      holdings.push(holding)
      snapshot.nodes.set(name, nodeUnder((snapshot.nodes.get(name) as NodeState).spec, holdings))
    },
  }
}

export function jobOf({ name }: TraceDemand, turn: number, demand: Gang): PendingJob {
  const turnless = { queue: DEFAULT_QUEUE, tenantId: 'trace', priority: 100, notBeforeMs: 0 }
  const alone = { maxRuntimeMs: null, graceMs: 0, mayPreempt: false, nomination: null }
  return { uid: name, createdMs: turn, demand, ...turnless, ...alone }
}
