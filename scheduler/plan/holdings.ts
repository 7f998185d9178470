import type { Place } from '../model/assignment.ts'
import type { PodRequest } from '../model/gang.ts'
import { type Holding, holdingAt, MAX_DEVICES_PER_NODE, memoryTaken } from '../model/node.ts'
import type { Amounts } from '../model/queue.ts'
import type { RunningJob } from '../model/running.ts'
import { at, type Capacity } from './capacity.ts'
import type { Ground } from './memo.ts'

/** Counts what a job holds as free, for a question of what would be if it ended. */
export function release(ground: Ground, job: RunningJob): void {
  const { queue, flavor, amounts } = job
  releasePlaces(ground.memo.capacity, job)
  ground.quotas.release(queue, flavor, amounts)
}

/** The same where it keeps its quota. */
export function releasePlaces(capacity: Capacity, { held }: RunningJob): void {
  for (const { node, holding } of held) count(capacity, node, holding, -1)
}

/** Counts it as held again. */
export function hold({ memo, quotas }: Ground, { held, queue, flavor, amounts }: RunningJob): void {
  for (const { node, holding } of held) count(memo.capacity, node, holding, 1)
  quotas.use(queue, flavor, amounts)
}

/** Counts what a job is to have against quotas and shares. */
export function charge({ quotas, shares }: Ground, queue: string, flavor: string, amounts: Amounts): void {
  quotas.use(queue, flavor, amounts)
  shares.use(queue, flavor, amounts)
}

/** Places for such pods, taken (1) or given back (-1), as `count` does it. */
export function countPlaces(capacity: Capacity, places: readonly Place[], pod: PodRequest, sign: 1 | -1): void {
  for (const { node, devices } of places) count(capacity, node, holdingAt(pod, devices), sign)
}

/**
 * What one pod has of its node, taken (1) or given back (-1), also where it is not free. What is broken or takes no
 * pods is not free when it is given back.
 */
function count(
  capacity: Capacity,
  node: string,
  { cpuMilli, memoryMiB, gpu, others, mark }: Holding,
  sign: 1 | -1,
): void {
  const row = capacity.rowOf(node)
  const spec = row === undefined ? undefined : capacity.states[row]?.spec
  if (row === undefined || spec?.accepting !== true) return
  if (sign > 0) capacity.takePod(row, cpuMilli, memoryMiB)
  else capacity.releasePod(row, cpuMilli, memoryMiB)
  if (others !== undefined) capacity.takeOthers(row, others, sign)
  if (mark !== undefined) capacity.takeMark(row, mark, sign)
  // Where it is not known which devices it has, none of them is counted on.
  if (gpu === null || typeof gpu.devices === 'number') return
  for (const index of gpu.devices) {
    const position = spec.devices.findIndex((device) => device.index === index && device.healthy)
    if (position < 0) continue
    const memory = memoryTaken(gpu, at(capacity.deviceMemoryMiB, row * MAX_DEVICES_PER_NODE + position))
    if (sign > 0) capacity.takeDevice(row, position, gpu.thousandths, memory)
    else capacity.releaseDevice(row, position, gpu.thousandths, memory)
  }
}
