import type { Workload } from '../../bin/replay/load.ts'
import type { TracePod } from '../../bin/replay/trace.ts'
import { PRIORITY_OF_CLASS } from '../../kubernetes/names.ts'
import type { Gang } from '../../scheduler/model/gang.ts'
import type { PendingJob } from '../../scheduler/model/job.ts'
import { nodeUnder } from '../../scheduler/model/node.ts'
import { DEFAULT_QUEUE, QUEUE_DEFAULTS } from '../../scheduler/model/queue.ts'
import { LiveSnapshot } from '../../scheduler/model/snapshot.ts'
import { Heap } from '../../scheduler/plan/heap.ts'
import { Memo } from '../../scheduler/plan/memo.ts'
import { plan } from '../../scheduler/plan/plan.ts'
import { carryOut, end } from '../../scheduler/testkit/builders.ts'
import { gangFor, specOf } from '../common/traceModel.ts'

/** What became of a pod. Domain seconds. */
export interface Served {
  readonly pod: TracePod
  readonly startedSeconds: number
}

/** What a pod says about how long it will run at most; null: nothing. */
export type Declares = (pod: TracePod) => number | null

/**
 * Plays the workload through `plan` alone, event by event: pods come at their time, each as a job of its own, start the
 * moment they are admitted, and end after their run. Nobody is stopped: a row of the trace says how long its pod ran in
 * one go.
 */
export function replay({ nodes, pods }: Workload, declares: Declares): Served[] {
  const snapshot = new LiveSnapshot()
  for (const node of nodes) snapshot.nodes.set(node.name, nodeUnder(specOf(node), []))
  snapshot.queues.set(DEFAULT_QUEUE, {
    spec: { ...QUEUE_DEFAULTS, name: DEFAULT_QUEUE },
    usage: new Map(),
    past: new Map(),
  })
  const byName = new Map(pods.map((pod) => [pod.name, pod]))
  const memo = new Memo()
  const gangs = new Map<string, Gang>()
  const served: Served[] = []
  const ends = new Heap<{ uid: string; atSeconds: number }>((a, b) => a.atSeconds - b.atSeconds)
  let next = 0
  while (next < pods.length || ends.peek() !== undefined) {
    const arrival = pods[next]?.createdSeconds ?? Number.POSITIVE_INFINITY
    const nowSeconds = Math.min(arrival, ends.peek()?.atSeconds ?? Number.POSITIVE_INFINITY)
    for (let first = ends.peek(); first !== undefined && first.atSeconds <= nowSeconds; first = ends.peek()) {
      const job = snapshot.running.get(first.uid)
      if (job !== undefined) end(snapshot, [job])
      ends.pop()
    }
    for (let pod = pods[next]; pod !== undefined && pod.createdSeconds <= nowSeconds; pod = pods[++next])
      snapshot.setPending(jobOf(pod, declares(pod), gangFor(pod, gangs)))
    if (snapshot.pendingJobs === 0) continue
    const decided = plan(snapshot, nowSeconds * 1_000, memo)
    carryOut(snapshot, decided, nowSeconds * 1_000)
    for (const { job } of decided.admissions) {
      const pod = byName.get(job.uid) as TracePod
      served.push({ pod, startedSeconds: nowSeconds })
      ends.push({ uid: job.uid, atSeconds: nowSeconds + pod.runSeconds })
    }
  }
  return served
}

function jobOf(pod: TracePod, maxRuntimeSeconds: number | null, demand: Gang): PendingJob {
  const { name, createdSeconds } = pod
  return {
    uid: name,
    queue: DEFAULT_QUEUE,
    tenantId: 'trace',
    priority: PRIORITY_OF_CLASS[pod.class],
    createdMs: createdSeconds * 1_000,
    notBeforeMs: 0,
    maxRuntimeMs: maxRuntimeSeconds === null ? null : maxRuntimeSeconds * 1_000,
    graceMs: 0,
    mayPreempt: false,
    nomination: null,
    demand,
  }
}
