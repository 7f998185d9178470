import { WHOLE_DEVICE } from '../model/node.ts'
import type { Capacity } from './capacity.ts'
import type { Freed } from './defragmentForJob.ts'
import type { Ground } from './memo.ts'
import { byNeed, type Displaced, lift, type Movable, type Mover } from './movable.ts'

/** Nodes that are tried: each costs a search for everybody on it. */
const MAX_TRIES = 1_000

/**
 * Empties nodes onto others that are not empty, those first on which least work would be lost for a GPU; whoever has
 * been moved is not moved again.
 */
export function freeWholeNodes(ground: Ground, movable: Movable, most: number): Freed {
  const { capacity } = ground.memo
  const start = capacity.mark
  const displaced: Displaced[] = []
  const wereFree = new Set<number>()
  let emptied = 0
  const moved = new Set<Mover>()
  /** Rows that somebody has been moved to. */
  const taken = new Set<number>()
  // To fill one empty node with what was on another would gain nothing.
  for (let row = 0; row < capacity.states.length; row++) {
    if (!isEmpty(capacity, row)) continue
    wereFree.add(row)
    capacity.close(row)
  }
  for (const row of rowsByCost(capacity, movable).slice(0, MAX_TRIES)) {
    if (emptied >= most) break
    const movers = movable.on(row).filter(({ gang }) => gang.pod.gpu !== null)
    if (taken.has(row) || movers.some((mover) => moved.has(mover))) continue
    const { mark } = capacity
    lift(ground, movers)
    const found = isEmpty(capacity, row) ? resettle(capacity, row, movers) : null
    if (found === null) {
      capacity.undo(mark)
      continue
    }
    displaced.push(...found)
    emptied += 1
    for (const mover of movers) moved.add(mover)
    for (const { to } of found) for (const { node } of to) taken.add(capacity.rowOf(node) ?? row)
  }
  // A gang that had pods on several may have left more than one.
  const free = capacity.states.filter((_, row) => !wereFree.has(row) && isEmpty(capacity, row)).map(({ spec }) => spec)
  capacity.undo(start)
  const gpuThousandths = free.reduce((sum, { devices }) => sum + devices.length * WHOLE_DEVICE, 0)
  return { displaced, nodes: free.map(({ name }) => name), gpuThousandths, assignment: null }
}

function resettle(capacity: Capacity, row: number, movers: readonly Mover[]): Displaced[] | null {
  capacity.close(row)
  const displaced: Displaced[] = []
  for (const { job, from, shape, flavor } of movers.toSorted(byNeed)) {
    const to = shape.placeUnremembered(flavor)
    if (to === null) return null
    displaced.push({ job, from, to })
  }
  return displaced
}

function rowsByCost(capacity: Capacity, movable: Movable): number[] {
  const price = (row: number) => {
    const lost = movable.on(row).reduce((sum, { lostGpuSeconds }) => sum + lostGpuSeconds, 0)
    return lost / (capacity.states[row]?.spec.devices.length ?? 1)
  }
  const rows = movable.rows().filter((row) => {
    const spec = capacity.states[row]?.spec
    return spec?.accepting === true && spec.devices.length > 0
  })
  return rows
    .map((row) => ({ row, price: price(row) }))
    .sort((a, b) => a.price - b.price || a.row - b.row)
    .map(({ row }) => row)
}

/** A node with GPUs of which none is taken; what uses none of them may stay, as the system's own pods do. */
function isEmpty({ states, wholeFree }: Capacity, row: number): boolean {
  const { devices } = (states[row] as Capacity['states'][number]).spec
  const healthy = devices.reduce((bits, device, position) => bits | (device.healthy ? 1 << position : 0), 0)
  return healthy !== 0 && wholeFree[row] === healthy
}
