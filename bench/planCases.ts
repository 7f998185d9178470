/**
 * How long single plans take where peers publish figures: a full cluster of 8-GPU nodes on which as many jobs run,
 * and something that has to be decided against them.
 *
 *   node bench/planCases.ts [--json] [--nodes 500] [--rounds 20]
 *
 * In memory, without an API server: only the decision is timed, with a new memo each (`first`) and with that of the
 * plan before (`again`). Results are kept in bench/results/planCases.json.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { PendingJob } from '../scheduler/model/job.ts'
import { amountsOf, type RunningJob } from '../scheduler/model/running.ts'
import type { LiveSnapshot } from '../scheduler/model/snapshot.ts'
import { Memo } from '../scheduler/plan/memo.ts'
import { type Plan, plan } from '../scheduler/plan/plan.ts'
import { aJob, aNode, aPod, aQueue, aSnapshot } from '../scheduler/testkit/builders.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '20' },
  },
})
const NODES = Number(values.nodes)
const ROUNDS = Number(values.rounds)
const GPUS_PER_NODE = 8
const NOW_MS = 10_000_000

interface Case {
  what: string
  snapshot: LiveSnapshot
  /** What the plan must come to; a case that does not fails the bench. */
  holds(decided: Plan): boolean
}

const wholeNode = (slots: number, more: Partial<PendingJob> = {}) =>
  aJob('gang', aPod({ gpus: GPUS_PER_NODE }), { slots, queue: 'lender', ...more })
const victims = ({ preemptions }: Plan) => preemptions.reduce((sum, each) => sum + each.victims.length, 0)
const codes = ({ explanations }: Plan) => explanations.map(({ cause }) => cause.code).join()
const half = Math.floor(NODES / 2)

const cases: Case[] = [
  {
    what: `one gang of ${NODES} pods of ${GPUS_PER_NODE} GPUs on ${NODES} free nodes`,
    snapshot: withJobs(empty(), [wholeNode(NODES, { queue: 'top' })]),
    holds: ({ admissions }) => admissions.length === 1,
  },
  {
    what: `${NODES * GPUS_PER_NODE} single-GPU jobs on ${NODES} free nodes`,
    snapshot: withJobs(
      empty(),
      Array.from({ length: NODES * GPUS_PER_NODE }, (_, i) => aJob(`job-${i}`, aPod({ gpus: 1 }), { queue: 'top' })),
    ),
    holds: ({ admissions }) => admissions.length === NODES * GPUS_PER_NODE,
  },
  {
    what: `1 GPU wanted back, ${NODES * GPUS_PER_NODE} single-GPU jobs running`,
    snapshot: withJobs(full(), [aJob('one', aPod({ gpus: 1 }), { queue: 'lender' })]),
    holds: (decided) => victims(decided) === 1,
  },
  {
    what: `${half * GPUS_PER_NODE} GPUs wanted back by one gang of ${half} pods`,
    snapshot: withJobs(full(), [wholeNode(half)]),
    holds: (decided) => victims(decided) === half * GPUS_PER_NODE,
  },
  {
    what: `a gang of 10 pods of ${GPUS_PER_NODE} GPUs on full nodes, with nobody to stop: why it waits`,
    snapshot: withJobs(full(), [wholeNode(10, { mayPreempt: false })]),
    holds: (decided) => codes(decided) === 'InsufficientGpus',
  },
  {
    what: `a gang of ${NODES + 1} such pods, which no cluster of ${NODES} nodes could ever hold: that it cannot`,
    snapshot: withJobs(full(), [wholeNode(NODES + 1)]),
    holds: (decided) => codes(decided) === 'GangLargerThanCluster',
  },
  {
    what: `the same 10 pods where all have declared an end: when they will start`,
    snapshot: withJobs(full({ ends: true }), [wholeNode(10, { mayPreempt: false })]),
    holds: ({ reservations }) => reservations.length === 1,
  },
  {
    what: `2,000 different jobs waiting against ${NODES * GPUS_PER_NODE} running ones that have declared an end`,
    snapshot: withJobs(
      full({ ends: true }),
      Array.from({ length: 2_000 }, (_, i) =>
        aJob(`job-${i}`, aPod({ gpus: 1 + (i % 8), cpuMilli: 1_000 + (i % 500) }), { queue: 'borrower' }),
      ),
    ),
    holds: ({ reservations, admissions }) => reservations.length === 1 && admissions.length === 0,
  },
]

const results = cases.map(({ what, snapshot, holds }) => {
  const first: number[] = []
  const again: number[] = []
  let isAsExpected = true
  for (let round = 0; round < ROUNDS; round++) {
    const memo = new Memo()
    for (const times of [first, again]) {
      const startMs = performance.now()
      const decided = plan(snapshot, NOW_MS, memo)
      times.push(performance.now() - startMs)
      isAsExpected &&= holds(decided)
    }
  }
  return { what, isAsExpected, firstMs: quantiles(first), againMs: quantiles(again) }
})
const result = {
  bench: 'planCases',
  date: new Date().toISOString(),
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
  load: loadavg()[0],
  node: process.version,
  rounds: ROUNDS,
  heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
  results,
}
console.log(values.json ? JSON.stringify(result, null, 2) : result)
if (!values.json)
  console.table(results.map(({ what, firstMs, againMs }) => ({ what, first: firstMs.p50, again: againMs.p50 })))
process.exitCode = results.every(({ isAsExpected }) => isAsExpected) ? 0 : 1

/** A tree in which the lender and the borrower have half each. */
function empty(): LiveSnapshot {
  const nominal = (NODES * GPUS_PER_NODE) / 2
  return aSnapshot({
    nodes: Array.from({ length: NODES }, (_, i) => aNode(`n${i}`, { gpus: GPUS_PER_NODE })),
    queues: [
      aQueue('top', { nominal: NODES * GPUS_PER_NODE }),
      aQueue('lender', { parent: 'top', nominal }),
      aQueue('borrower', { parent: 'top', nominal }),
    ],
  })
}

/** A job of the borrower on each GPU. */
function full({ ends = false } = {}): LiveSnapshot {
  const snapshot = empty()
  for (const [name, node] of snapshot.nodes) {
    snapshot.nodes.set(name, {
      ...node,
      usedThousandths: node.usedThousandths.map(() => 1_000),
      usedMemoryMiB: node.spec.devices.map(({ memoryMiB }) => memoryMiB),
      freeCpuMilli: node.freeCpuMilli - GPUS_PER_NODE * 1_000,
      freeMemoryMiB: node.freeMemoryMiB - GPUS_PER_NODE * 1_024,
      freePods: node.freePods - GPUS_PER_NODE,
    })
    for (let device = 0; device < GPUS_PER_NODE; device++) run(snapshot, name, device, ends)
  }
  const jobs = [...snapshot.running.values()]
  const usage = new Map([['a100', amountsOf(jobs.flatMap(({ held }) => held))]])
  snapshot.queues.set('borrower', { spec: aQueue('borrower', { parent: 'top', nominal: 0 }), usage, past: new Map() })
  return snapshot
}

function run(snapshot: LiveSnapshot, node: string, device: number, ends: boolean): void {
  const number = snapshot.running.size
  const gpu = { devices: [device], thousandths: 1_000, memoryMiB: 0 }
  const held = [{ node, holding: { cpuMilli: 1_000, memoryMiB: 1_024, gpu } }]
  const job: RunningJob = {
    uid: `running-${number}`,
    queue: 'borrower',
    priority: 100,
    preemptible: true,
    createdMs: number,
    admittedAtMs: number,
    endsAtMs: ends ? 2 * NOW_MS + ((number * 7_919) % 100_000) : null,
    flavor: 'a100',
    held,
    amounts: amountsOf(held),
    isGoing: false,
    pods: 1,
    budgets: [],
  }
  snapshot.running.set(job.uid, job)
}

function withJobs(snapshot: LiveSnapshot, jobs: readonly PendingJob[]): LiveSnapshot {
  for (const job of jobs) snapshot.setPending(job)
  return snapshot
}

function quantiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0) * 10) / 10
  return { p50: at(0.5), p99: at(0.99) }
}
