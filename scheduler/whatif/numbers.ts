import { gpuThousandths } from '../model/gang.ts'
import { isGang, type PendingJob } from '../model/job.ts'
import { type NodeState, WHOLE_DEVICE } from '../model/node.ts'
import type { Cause } from '../plan/causes.ts'
import type { Numbers } from './questions.ts'

/** The figures behind a cause, as they are now; null where it has none. */
export function numbersOf(job: PendingJob, cause: Cause, nodes: ReadonlyMap<string, NodeState>): Numbers | null {
  if ('shortage' in cause) {
    const { resource, asked, available } = cause.shortage
    return { resource, asked, free: available, biggestHole: null }
  }
  if (!isGang(job.demand)) return null
  const { slots, pod } = job.demand
  const flavors = 'flavors' in cause ? new Set(cause.flavors.map(({ rows }) => rows.name)) : null
  const open = [...nodes.values()].filter(
    ({ spec, freePods }) => spec.accepting && freePods > 0 && (flavors === null || flavors.has(spec.flavor)),
  )
  if (pod.gpu !== null && cause.code !== 'InsufficientCapacity') {
    const { models, thousandths } = pod.gpu
    const devices = open.map((node) => freeDevices(node, models))
    const hole = (free: readonly number[]) =>
      thousandths < WHOLE_DEVICE ? Math.max(0, ...free) : sum(free.filter((part) => part === WHOLE_DEVICE))
    return {
      resource: 'GPU',
      asked: slots * gpuThousandths(pod),
      free: sum(devices.map(sum)),
      biggestHole: Math.max(0, ...devices.map(hole)),
    }
  }
  const cpu = open.map(({ freeCpuMilli }) => Math.max(0, freeCpuMilli))
  const memory = open.map(({ freeMemoryMiB }) => Math.max(0, freeMemoryMiB))
  // Whichever holds the pod back; CPU where each alone would do.
  const isMemory = Math.max(0, ...cpu) >= pod.cpuMilli && Math.max(0, ...memory) < pod.memoryMiB
  return isMemory
    ? { resource: 'MEMORY', asked: slots * pod.memoryMiB, free: sum(memory), biggestHole: Math.max(0, ...memory) }
    : { resource: 'CPU', asked: slots * pod.cpuMilli, free: sum(cpu), biggestHole: Math.max(0, ...cpu) }
}

/** What is free on each healthy device of these models. */
function freeDevices({ spec, usedThousandths }: NodeState, models: readonly string[]): number[] {
  return spec.devices.flatMap(({ healthy, model }, position) => {
    const isOne = healthy && (models.length === 0 || models.includes(model))
    return isOne ? [Math.max(0, WHOLE_DEVICE - (usedThousandths[position] ?? 0))] : []
  })
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
