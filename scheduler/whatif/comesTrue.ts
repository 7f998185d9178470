import { atSize } from '../model/gang.ts'
import { isGang } from '../model/job.ts'
import { type Holding, holdingAt, type NodeState, nodeUnder } from '../model/node.ts'
import { without } from '../model/others.ts'
import { isSameMark } from '../model/podRules.ts'
import { type Amounts, plus, type QueueState } from '../model/queue.ts'
import { amountsOf, endOf, type RunningJob } from '../model/running.ts'
import type { LiveSnapshot } from '../model/snapshot.ts'
import type { Growth } from '../plan/grow.ts'
import type { Plan } from '../plan/plan.ts'

/** Makes the plan come true in the snapshot, as a perfect cluster would: whoever is stopped is going from then on. */
export function carryOut(
  snapshot: LiveSnapshot,
  { admissions, preemptions, reservations, growths }: Plan,
  nowMs = 0,
): void {
  snapshot.reservedFor = reservations[0]?.job.uid ?? null
  for (const { job, assignment } of admissions) {
    if (!isGang(job.demand)) throw new Error('only gangs are admitted')
    const { most, slots } = job.demand
    const gang = most === undefined ? job.demand : atSize(job.demand, assignment.slots.length)
    const lacks = (most ?? slots) - assignment.slots.length
    const held = assignment.slots.map(({ node, devices }) => ({ node, holding: holdingAt(gang.pod, devices) }))
    const { uid, queue, priority, createdMs, maxRuntimeMs, graceMs } = job
    const about = {
      uid,
      queue,
      priority,
      createdMs,
      preemptible: true,
      admittedAtMs: nowMs,
      isGoing: false,
      budgets: [],
    }
    const endsAtMs = endOf(nowMs, maxRuntimeMs, graceMs)
    snapshot.removePending(uid)
    resume(snapshot, {
      ...about,
      flavor: assignment.flavor,
      endsAtMs,
      held,
      pods: held.length,
      amounts: amountsOf(held),
      gang,
      ...(lacks > 0 && { lacks }),
    })
  }
  for (const growth of growths) grow(snapshot, growth)
  for (const { job, assignment, victims } of preemptions) {
    snapshot.setPending({ ...job, nomination: { assignment, victims } })
    for (const uid of victims) {
      const victim = snapshot.running.get(uid)
      if (victim !== undefined) snapshot.running.set(uid, { ...victim, isGoing: true })
    }
  }
}

function grow(snapshot: LiveSnapshot, { job: { uid }, places }: Growth): void {
  const job = snapshot.running.get(uid)
  if (job?.gang === undefined || job.isGoing) return
  const { gang, lacks = 0 } = job
  const more = places.map(({ node, devices }) => ({ node, holding: holdingAt(gang.pod, devices) }))
  const held = [...job.held, ...more]
  const { lacks: _, ...rest } = job
  const left = lacks - more.length
  end(snapshot, [job])
  resume(snapshot, {
    ...rest,
    held,
    pods: held.length,
    amounts: amountsOf(held),
    gang: atSize(gang, held.length),
    ...(left > 0 && { lacks: left }),
  })
}

/** Has the job hold what it holds. */
export function resume(snapshot: LiveSnapshot, job: RunningJob): void {
  snapshot.running.set(job.uid, job)
  takeAll(snapshot, job, 1)
}

/** These have ended, and hold nothing any more. */
export function end(snapshot: LiveSnapshot, jobs: Iterable<RunningJob>): void {
  for (const job of jobs) {
    snapshot.running.delete(job.uid)
    takeAll(snapshot, job, -1)
  }
}

function takeAll(snapshot: LiveSnapshot, { held, queue, flavor, amounts }: RunningJob, sign: 1 | -1): void {
  for (const { node, holding } of held) {
    const state = snapshot.nodes.get(node)
    if (state !== undefined) snapshot.nodes.set(node, taking(state, holding, sign))
  }
  const state = snapshot.queues.get(queue)
  if (state !== undefined) snapshot.queues.set(queue, charged(state, flavor, amounts, sign))
}

function charged({ usage, ...rest }: QueueState, flavor: string, amounts: Amounts, sign: 1 | -1): QueueState {
  const signed = { GPU: sign * amounts.GPU, CPU: sign * amounts.CPU, MEMORY: sign * amounts.MEMORY }
  const before = usage.get(flavor)
  return { ...rest, usage: new Map(usage).set(flavor, before === undefined ? signed : plus(before, signed)) }
}

function taking(node: NodeState, holding: Holding, sign: 1 | -1): NodeState {
  const { spec, freeOthers: _, marks: __, ...taken } = nodeUnder(node.spec, [holding])
  const add = (before: readonly number[], more: readonly number[]) =>
    before.map((value, i) => value + sign * (more[i] ?? 0))
  return {
    spec,
    freeCpuMilli: node.freeCpuMilli - sign * holding.cpuMilli,
    freeMemoryMiB: node.freeMemoryMiB - sign * holding.memoryMiB,
    freePods: node.freePods - sign,
    usedThousandths: add(node.usedThousandths, taken.usedThousandths),
    usedMemoryMiB: add(node.usedMemoryMiB, taken.usedMemoryMiB),
    ...othersOf(node, holding, sign),
    ...marksOf(node, holding, sign),
  }
}

function othersOf({ spec, freeOthers }: NodeState, { others }: Holding, sign: 1 | -1): Pick<NodeState, 'freeOthers'> {
  if (others === undefined) return freeOthers === undefined ? {} : { freeOthers }
  const taken = Object.fromEntries(Object.entries(others).map(([name, amount]) => [name, sign * amount]))
  return { freeOthers: without(freeOthers ?? spec.others, taken) }
}

function marksOf({ marks = [] }: NodeState, { mark }: Holding, sign: 1 | -1): Pick<NodeState, 'marks'> {
  if (mark === undefined) return marks.length === 0 ? {} : { marks }
  const at = marks.findIndex((each) => isSameMark(each, mark))
  return { marks: sign > 0 ? [...marks, mark] : marks.filter((_, i) => i !== at) }
}
