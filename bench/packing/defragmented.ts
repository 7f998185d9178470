import type { TraceDemand } from '../../bin/replay/trace.ts'
import { type Gang, gpuThousandths } from '../../scheduler/model/gang.ts'
import { holdingAt, type NodeState } from '../../scheduler/model/node.ts'
import { DEFAULT_QUEUE } from '../../scheduler/model/queue.ts'
import { amountsOf, type RunningJob } from '../../scheduler/model/running.ts'
import type { LiveSnapshot } from '../../scheduler/model/snapshot.ts'
import { defragment } from '../../scheduler/plan/defragment.ts'
import { end, resume } from '../../scheduler/whatif/comesTrue.ts'
import { gangFor } from '../common/traceModel.ts'
import { jobOf, type PackedPod } from './pack.ts'

export interface Defragmented {
  readonly packed: readonly PackedPod[]
  /** Pods that had found no room, and did by others being moved. */
  readonly placed: number
  /** Moves that took, some pods more than once. */
  readonly moves: number
}

/**
 * What is packed, and then those that found no room, in the order in which they came, each by moving whoever the
 * defragmentation plan says. A kind for which nothing could be done is not tried again.
 */
export function defragmented(
  snapshot: LiveSnapshot,
  flavor: string,
  packed: readonly PackedPod[],
  dropped: readonly TraceDemand[],
): Defragmented {
  const gangs = new Map<string, Gang>()
  const byName = new Map(packed.map((each) => [each.pod.name, each]))
  const run = (pod: TraceDemand, node: string, devices: readonly number[]) => {
    resume(snapshot, runningOf(pod, node, devices, gangFor(pod, gangs), flavor))
    byName.set(pod.name, { pod, node, devices })
  }
  for (const { pod, node, devices } of packed) run(pod, node, devices)
  const hopeless = new Set<Gang>()
  let placed = 0
  let moves = 0
  for (const pod of dropped) {
    const gang = gangFor(pod, gangs)
    if (hopeless.has(gang) || gpuThousandths(gang.pod) === 0) continue
    snapshot.setPending(jobOf(pod, 0, gang))
    const preview = defragment(snapshot, 0, { job: pod.name })
    snapshot.removePending(pod.name)
    const place = preview.frees.assignment?.slots[0]
    if (place === undefined) {
      hopeless.add(gang)
      continue
    }
    end(
      snapshot,
      preview.moves.map(({ job }) => job),
    )
    for (const { job, to } of preview.moves) {
      const moved = byName.get(job.uid)
      const [there] = to.slots
      if (moved !== undefined && there !== undefined) run(moved.pod, there.node, there.devices)
    }
    run(pod, place.node, place.devices)
    placed += 1
    moves += preview.moves.length
  }
  return { packed: [...byName.values()], placed, moves }
}

/**
 * Of what is packed a random half ends, as jobs do; then as many whole nodes as can be are freed.
 * @returns nodes none of whose GPUs are taken, before and after, and the moves between
 */
export function emptied(
  snapshot: LiveSnapshot,
  flavor: string,
  packed: readonly PackedPod[],
  random: () => number,
): { before: number; after: number; moves: number } {
  const gangs = new Map<string, Gang>()
  for (const { pod, node, devices } of packed)
    if (random() < 0.5) resume(snapshot, runningOf(pod, node, devices, gangFor(pod, gangs), flavor))
  const isFree = ({ usedThousandths }: NodeState) => usedThousandths.every((used) => used === 0)
  const before = [...snapshot.nodes.values()].filter(isFree).length
  const { frees, moves } = defragment(snapshot, 0)
  return { before, after: before + frees.nodes.length, moves: moves.length }
}

function runningOf(
  { name }: TraceDemand,
  node: string,
  devices: readonly number[],
  gang: Gang,
  flavor: string,
): RunningJob {
  const held = [{ node, holding: holdingAt(gang.pod, devices) }]
  return {
    uid: name,
    queue: DEFAULT_QUEUE,
    priority: 100,
    preemptible: true,
    createdMs: 0,
    admittedAtMs: 0,
    endsAtMs: null,
    flavor,
    held,
    amounts: amountsOf(held),
    gang,
    isGoing: false,
    pods: 1,
    budgets: [],
  }
}
